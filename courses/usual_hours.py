"""What a session is usually worth by its time: as much as the presets give.

Local rule: the district edits the rows of presets. A session within one half day is worth what the
session of a preset is that is nearest to it in length; a longer one is the sum of its half days.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal

from config.lib.hours import ZERO
from config.lib.periods import SHANGHAI
from courses.models import PresetSession
from hours.caps_and_overlaps import MINUTES_OF_A_DAY, HalfDay

# A session that spans more than one half day is cut at noon and at the end of the afternoon.
CUTS = (*HalfDay.AFTERNOON.value, MINUTES_OF_A_DAY)


def find_usual_hours(starts_at: datetime, ends_at: datetime) -> Decimal | None:
    """The usual credit hours of a session at this time; None without presets. One statement."""
    presets = list(PresetSession.objects.values_list("minutes", "hours"))
    if not presets:
        return None
    return sum((_worth(minutes, presets) for minutes in _half_days(starts_at, ends_at)), ZERO)


def _worth(minutes: int, presets: Collection[tuple[int, Decimal]]) -> Decimal:
    """The hours of the preset nearest in length; of two as near, the larger ones."""
    return min(presets, key=lambda preset: (abs(preset[0] - minutes), -preset[1]))[1]


def _half_days(starts_at: datetime, ends_at: datetime) -> Iterator[int]:
    """How many minutes lie in each half day. What goes on after midnight is of the last one."""
    local = starts_at.astimezone(SHANGHAI)
    begins = local.hour * 60 + local.minute
    ends = begins + round((ends_at - starts_at).total_seconds() / 60)
    if any(first <= begins and ends <= last for first, last in (half.value for half in HalfDay)):
        yield ends - begins
        return
    for cut in CUTS:
        if begins < cut:
            last = ends if cut == MINUTES_OF_A_DAY else min(cut, ends)
            yield last - begins
            begins = last
        if begins >= ends:
            return
