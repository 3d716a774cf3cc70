"""Use a signal as a question and collect the answers of its receivers."""

from typing import Any

from django.dispatch import Signal


def ask(signal: Signal, sender: type, **values: Any) -> list[Any]:
    """Return the receivers' answers in the order of the calls; exceptions propagate."""
    return [answer for _receiver, answer in signal.send(sender, **values)]
