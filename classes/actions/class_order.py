"""The order within a class: its monitor, study groups, seats and phone pockets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import AuditEntry
from accounts.origin import Actor
from classes.actions.enrolments import free_numbers, lock_class, record_on_class
from classes.enums import PocketKept, RollState
from classes.errors import OrderConflict, OrderConflictError, RosterError
from classes.models import Enrolment
from classes.signals import pockets_asked
from config.lib.asking import ask
from courses.models import Session, TrainingClass


@dataclass(frozen=True)
class Place:
    """The place of one trainee; None for a number that is not set."""

    pocket: int | None
    group: int | None
    seat: int | None = None


@dataclass(frozen=True)
class Order:
    """The places of trainees, by member, and the monitor."""

    places: Mapping[int, Place]
    monitor: int | None


def arrange_roster(
    *, training_class_id: int, wanted: Order, seen: Order, by: Actor, at: datetime
) -> int:
    """Give members of the roster a group, a seat and a pocket, and name a monitor.

    Values that are equal in `wanted` and `seen` stay as stored. Returns how many trainees changed.
    Raises like `lock_class`; OrderConflictError if somebody else changed the same values meanwhile;
    RosterError if two share a pocket or a seat, if the pocket is on a submitted roll or holds a
    phone, or if a named member has left.
    """
    with transaction.atomic():
        training_class, _user = lock_class(training_class_id, by, at)
        # Nobody is marked and no roll is submitted meanwhile.
        list(training_class.sessions.select_for_update(of=("self",), no_key=True))
        of_class = Enrolment.objects.filter(training_class=training_class)
        roster = {
            enrolment.member_id: enrolment
            for enrolment in of_class.lasting().select_related("member")
        }
        stored = order_of(roster.values())
        if not {*wanted.places, wanted.monitor} - {None} <= roster.keys():
            raise RosterError(_("The roster has changed meanwhile. Load the page again."))
        new = merge_orders(wanted, seen, stored)
        _require_unchanged(training_class, new, seen, stored)
        _require_kept_pockets(find_kept(training_class.pk, roster.values(), at), new, roster)
        changed = [
            enrolment
            for key, enrolment in roster.items()
            if new.places[key] != stored.places[key] or enrolment.is_monitor != (key == new.monitor)
        ]
        moved = [
            enrolment
            for enrolment in changed
            if new.places[enrolment.member_id] != place_of(enrolment)
        ]
        for enrolment in changed:
            place = new.places[enrolment.member_id]
            enrolment.phone_pocket, enrolment.study_group, enrolment.seat = (
                place.pocket,
                place.group,
                place.seat,
            )
            enrolment.is_monitor = enrolment.member_id == new.monitor
        _require_own_numbers(training_class.pk, list(roster.values()), at)
        keys = [enrolment.pk for enrolment in changed]
        # Numbers and the monitor move between members, so all are cleared before any is set.
        of_class.filter(pk__in=keys).update(phone_pocket=None, seat=None, is_monitor=False)
        fields = ["phone_pocket", "study_group", "seat", "is_monitor"]
        Enrolment.objects.bulk_update(changed, fields)
        if changed:
            after = {"monitor": new.monitor, "moved": len(moved)}
            record_on_class(training_class, "arrange_roster", by=by, at=at, after=after)
    return len(changed)


def order_of(roster: Iterable[Enrolment]) -> Order:
    """The current order of the roster."""
    roster = list(roster)
    monitor = next((enrolment.member_id for enrolment in roster if enrolment.is_monitor), None)
    return Order({enrolment.member_id: place_of(enrolment) for enrolment in roster}, monitor)


def place_of(enrolment: Enrolment) -> Place:
    """Pocket, group and seat of one trainee."""
    return Place(enrolment.phone_pocket, enrolment.study_group, enrolment.seat)


def merge_orders(wanted: Order, seen: Order, stored: Order) -> Order:
    """The stored order, with the changes between `seen` and `wanted`."""

    def merge[T](want: T, saw: T, now: T) -> T:
        return now if want == saw else want

    nowhere = Place(None, None)
    places = dict(stored.places)
    for key, want in wanted.places.items():
        saw, now = seen.places.get(key, nowhere), stored.places[key]
        places[key] = Place(
            merge(want.pocket, saw.pocket, now.pocket),
            merge(want.group, saw.group, now.group),
            merge(want.seat, saw.seat, now.seat),
        )
    return Order(places, merge(wanted.monitor, seen.monitor, stored.monitor))


def name_values(order: Order) -> dict[str, int | None]:
    """Each number of each trainee under its own name, as in `OrderConflict`."""
    values = {
        f"{kind}-{key}": number
        for key, place in order.places.items()
        for kind, number in (
            ("pocket", place.pocket),
            ("group", place.group),
            ("seat", place.seat),
        )
    }
    return values | {"monitor": order.monitor}


def _require_unchanged(
    training_class: TrainingClass, new: Order, seen: Order, stored: Order
) -> None:
    """Raise OrderConflictError if `new` replaces values that the person has not seen."""
    saw, now = name_values(seen), name_values(stored)
    conflicts = [
        OrderConflict(name, now[name])
        for name, value in name_values(new).items()
        if now[name] not in (value, saw.get(name))
    ]
    if conflicts:
        last = AuditEntry.objects.about(training_class).filter(act="arrange_roster").first()
        raise OrderConflictError(
            _("Somebody else changed this meanwhile."),
            conflicts,
            last.actor_name if last else "",
            last.at if last else None,
        )


def find_kept(
    training_class_id: int, roster: Iterable[Enrolment], at: datetime
) -> dict[int, PocketKept]:
    """Members of a roster whose pocket cannot change, and why.

    The lines of a submitted roll are numbered by pocket; and the phone of a member who has come to
    a session stays in the pocket until it is over.
    """
    submitted = Session.objects.filter(
        training_class=training_class_id, roll__state=RollState.SUBMITTED
    )
    numbers = set(submitted.values_list("number", flat=True))
    of_class = Enrolment.objects.filter(training_class=training_class_id)
    in_use = _list_pockets_in_use(of_class, at)
    kept = {}
    for enrolment in roster:
        if any(n in enrolment.sessions for n in numbers):
            kept[enrolment.member_id] = PocketKept.SIGNED
        elif enrolment.pk in in_use:
            kept[enrolment.member_id] = PocketKept.IN_USE
    return kept


def _list_pockets_in_use(enrolments: QuerySet[Enrolment], at: datetime) -> set[int]:
    """Enrolments with a phone in their pocket; the app that marks attendance answers."""
    return set().union(*ask(pockets_asked, Enrolment, enrolments=enrolments, at=at))


def _require_kept_pockets(
    kept: Mapping[int, PocketKept], new: Order, roster: Mapping[int, Enrolment]
) -> None:
    texts = {
        PocketKept.SIGNED: _(
            "%(name)s is on a submitted roll, so the pocket number stays as it was signed."
        ),
        PocketKept.IN_USE: _(
            "The phone of %(name)s is in the pocket until the session is over, so the pocket "
            "number stays."
        ),
    }
    for key, why in kept.items():
        if new.places[key].pocket != roster[key].phone_pocket:
            raise RosterError(texts[why] % {"name": roster[key].member.name})


def _require_own_numbers(training_class_id: int, roster: list[Enrolment], at: datetime) -> None:
    """Raise RosterError if two share a pocket or seat, also with a former member of a shared roll.

    The same applies to a former member's pocket while it still holds a phone.
    """
    left = Enrolment.objects.filter(
        training_class=training_class_id, sessions__isempty=False, sessions__endswith__isnull=False
    ).select_related("member")
    in_use = _list_pockets_in_use(left, at)
    gone = list(left)
    pocket = _("Pocket %(number)d is for %(one)s and %(other)s: a pocket is for one.")
    _require_own("phone_pocket", pocket, roster, gone, in_use)
    seat = _("Seat %(number)d is for %(one)s and %(other)s: a seat is for one.")
    _require_own("seat", seat, roster, gone)


def _require_own(
    field: str,
    text: str,
    roster: list[Enrolment],
    gone: list[Enrolment],
    in_use: Collection[int] = (),
) -> None:
    """Raise RosterError with `text` if two have the same number at the same time."""
    holders: dict[int, Enrolment] = {}
    for enrolment in roster:
        number = getattr(enrolment, field)
        if number is None:
            continue
        others = [holders[number]] if number in holders else []
        others += [
            other
            for other in gone
            if getattr(other, field) == number
            and (
                other.pk in in_use or (other.sessions.upper or 0) > (enrolment.sessions.lower or 0)
            )
        ]
        if others:
            names = {"one": enrolment.member.name, "other": others[0].member.name}
            raise RosterError(text % {"number": number, **names})
        holders[number] = enrolment


def number_in_order(members: list[int], taken: set[int]) -> dict[int, int | None]:
    """Numbers from 1 in this order, except those in `taken`; None once none is left."""
    return dict(zip(members, free_numbers(taken), strict=False))


def split_evenly(members: list[int], groups: int) -> dict[int, int]:
    """Study groups 1 to `groups` in this order; their sizes differ by at most one member."""
    size, more = divmod(len(members), groups)
    sizes = [size + 1 if number < more else size for number in range(groups)]
    numbers = [number for number, n in enumerate(sizes, start=1) for _one in range(n)]
    return dict(zip(members, numbers, strict=True))
