"""The read-only mode, for maintenance: a file that all processes of the portal see.

A row would cost each request a query and could not be read while the database is moved.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone


@dataclass(frozen=True)
class ReadOnly:
    """The mode is on; `until` is when it is announced to end, and does not end it."""

    until: datetime | None = None

    @property
    def seconds_left(self) -> int | None:
        """Seconds until then; None if nothing is announced that is still to come."""
        left = self.until - timezone.now() if self.until else None
        return int(left.total_seconds()) if left and left > timedelta() else None


def read_only() -> ReadOnly | None:
    """The mode if it is on. A file that cannot be read counts as on."""
    try:
        text = _flag().read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError:
        return ReadOnly()
    try:
        return ReadOnly(datetime.fromisoformat(json.loads(text)["until"]))
    except (ValueError, TypeError, KeyError):
        return ReadOnly()


def turn_read_only_on(until: datetime) -> None:
    """Turn the mode on, or announce another end."""
    flag = _flag()
    part = flag.with_suffix(".part")
    flag.parent.mkdir(parents=True, exist_ok=True)
    part.write_text(json.dumps({"until": until.isoformat()}), encoding="utf-8")
    part.rename(flag)


def turn_read_only_off() -> None:
    """Turn the mode off."""
    _flag().unlink(missing_ok=True)


def _flag() -> Path:
    return Path(settings.VAR_DIR) / "read-only.json"
