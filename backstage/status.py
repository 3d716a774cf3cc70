"""The lines of the status page: apps register readers, with a rank."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import itemgetter

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Health(StrEnum):
    """How a line stands; the value is the kind of its state on the page."""

    WELL = "ok"
    WATCH = "due"
    WRONG = "warn"
    OFF = "none"  # this site does not use it


HEALTH_WORDS: dict[Health, str | Promise] = {
    Health.WELL: _("well"),
    Health.WATCH: _("watch"),
    Health.WRONG: _("wrong"),
    Health.OFF: _("not in use"),
}


@dataclass(frozen=True)
class StatusLine:
    """One line: what it is about, how it stands, what was seen, and what to do if not all is well.

    `url` leads to the rows behind it.
    """

    label: str
    health: Health
    seen: str
    advice: str = ""
    url: str = ""

    @property
    def word(self) -> str:
        """How it stands, in words."""
        return str(HEALTH_WORDS[self.health])


type StatusReader = Callable[[datetime], list[StatusLine]]

_readers: list[tuple[int, StatusReader]] = []


def register_status(reader: StatusReader, *, rank: int) -> None:
    """Add a function now → lines; called once per function, at start-up."""
    if reader not in (known for _rank, known in _readers):
        _readers.append((rank, reader))
        _readers.sort(key=itemgetter(0))


def list_status(now: datetime) -> list[StatusLine]:
    """All lines, sorted by rank."""
    return [line for _rank, reader in _readers for line in reader(now)]
