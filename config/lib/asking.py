"""A signal as a question: what all that receive it answer."""

from typing import Any

from django.dispatch import Signal


def ask(signal: Signal, sender: type, **values: Any) -> list[Any]:
    """The answers of the receivers, in the order in which they are called; errors go through."""
    return [answer for _receiver, answer in signal.send(sender, **values)]
