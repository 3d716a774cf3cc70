"""Numbers for new members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.db.models import Max

from schools.models import Placement
from trainees.models import Member

SERIAL_DIGITS = 7


def numbers_for(new: Sequence[tuple[int | None, str]], on: date) -> list[str]:
    """Member numbers, by organisation and given number of each new member.

    The given one, else the last three digits of the township and a serial. The caller holds the
    lock of the tree, so that nobody else takes the same serial.
    """
    places = {organisation for organisation, _number in new}
    placed = Placement.objects.in_force(on).filter(organisation__in=places)
    areas = dict(placed.values_list("organisation", "township__code"))
    given = {number for _organisation, number in new if number}
    last: dict[str, int] = defaultdict(int)
    for area in {(code or "000")[-3:] for code in areas.values()}:
        pattern = rf"^{area}\d{{{SERIAL_DIGITS}}}$"
        highest = Member.objects.filter(number__regex=pattern).aggregate(n=Max("number"))["n"]
        last[area] = int(highest[len(area) :]) if highest else 0
    numbers = []
    for organisation, number in new:
        drawn = number
        while not drawn:
            area = (areas.get(organisation) or "000")[-3:]
            last[area] += 1
            free = f"{area}{last[area]:0{SERIAL_DIGITS}d}"
            drawn = "" if free in given else free
        numbers.append(drawn)
    return numbers
