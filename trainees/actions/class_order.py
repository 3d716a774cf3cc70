"""The order within a class: its monitor, study groups and phone pockets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.origin import Actor
from trainees.actions.enrolments import lock_class, record_on_class
from trainees.errors import RosterError
from trainees.models import Enrolment


@dataclass(frozen=True)
class Place:
    """Where one trainee belongs; None where nothing is said."""

    pocket: int | None
    group: int | None


def arrange_roster(
    *,
    training_class_id: int,
    places: Mapping[int, Place],
    monitor: int | None,
    by: Actor,
    at: datetime,
) -> int:
    """Give each member of the roster that `places` names a group and a pocket, and name a monitor.

    Whoever is not named stays as he is. Returns how many changed. Raises as `lock_class`, and
    RosterError where two share a pocket, or somebody named is not on the roster any more.
    """
    with transaction.atomic():
        training_class, _user = lock_class(training_class_id, by, at)
        of_class = Enrolment.objects.filter(training_class=training_class)
        roster = {one.member_id: one for one in of_class.lasting().select_related("member")}
        if not places.keys() <= roster.keys() or not {monitor} - {None} <= roster.keys():
            raise RosterError(_("The roster has changed meanwhile. Load the page again."))
        changed = [
            one
            for one in roster.values()
            if _is_moved(one, places) or one.is_monitor != (one.member_id == monitor)
        ]
        moved = [one for one in changed if _is_moved(one, places)]
        for one in changed:
            place = places.get(one.member_id)
            if place is not None:
                one.phone_pocket, one.study_group = place.pocket, place.group
            one.is_monitor = one.member_id == monitor
        _require_own_pockets(training_class.pk, list(roster.values()))
        keys = [one.pk for one in changed]
        # Numbers and the monitor pass from one to another, so all are taken before any is given.
        of_class.filter(pk__in=keys).update(phone_pocket=None, is_monitor=False)
        Enrolment.objects.bulk_update(changed, ["phone_pocket", "study_group", "is_monitor"])
        if changed:
            after = {"monitor": monitor, "moved": len(moved)}
            record_on_class(training_class, "arrange_roster", by=by, at=at, after=after)
    return len(changed)


def _is_moved(one: Enrolment, places: Mapping[int, Place]) -> bool:
    place = places.get(one.member_id)
    return place is not None and place != Place(one.phone_pocket, one.study_group)


def _require_own_pockets(training_class_id: int, roster: list[Enrolment]) -> None:
    """Nobody has another's pocket, nor that of one who left and was on a roll with him."""
    gone = Enrolment.objects.filter(
        training_class=training_class_id, sessions__isempty=False, sessions__endswith__isnull=False
    ).select_related("member")
    holders: dict[int, Enrolment] = {}
    left = [one for one in gone if one.phone_pocket]
    for one in roster:
        if one.phone_pocket is None:
            continue
        others = [holders[one.phone_pocket]] if one.phone_pocket in holders else []
        others += [
            other
            for other in left
            if other.phone_pocket == one.phone_pocket
            and (other.sessions.upper or 0) > (one.sessions.lower or 0)
        ]
        if others:
            raise RosterError(
                _("Pocket %(number)d is for %(one)s and %(other)s: a pocket is for one.")
                % {
                    "number": one.phone_pocket,
                    "one": one.member.name,
                    "other": others[0].member.name,
                }
            )
        holders[one.phone_pocket] = one


def number_pockets(members: list[int], taken: set[int]) -> dict[int, int]:
    """Pocket numbers from 1 on, in this order, without those that are `taken`."""
    free = (number for number in range(1, len(members) + len(taken) + 1) if number not in taken)
    return dict(zip(members, free, strict=False))


def split_evenly(members: list[int], groups: int) -> dict[int, int]:
    """Study groups 1 to `groups` in this order; no two differ by more than one member."""
    size, more = divmod(len(members), groups)
    sizes = [size + 1 if number < more else size for number in range(groups)]
    numbers = [number for number, n in enumerate(sizes, start=1) for _one in range(n)]
    return dict(zip(members, numbers, strict=True))
