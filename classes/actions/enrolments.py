"""The roster of a class: who is on it, from which session on, and who waits for a place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, repeat
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import NumericRange
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.models import User
from accounts.origin import Actor
from accounts.records import RecordError
from classes.actions.guests import Guest, find_guest_member
from classes.enums import RollState
from classes.errors import RosterError
from classes.models import Enrolment, LeaveRequest, Roll, WaitingListEntry
from classes.models.rosters import HIGHEST_NUMBER
from classes.queries.classes import first_with_open_roster, places_of
from classes.queries.joint import members_of_schools
from classes.signals import marks_asked
from config.lib.asking import ask
from config.lib.periods import in_force, local_date
from courses.models import Session, TrainingClass
from courses.permissions import plans_classes, schools_enrolling
from courses.records import save_class
from trainees.models import Member, Membership
from trainees.queries.audiences import in_audience


@dataclass(frozen=True)
class Enrolled:
    """Members who got a place, wait for a place, or were already on the roster or the list."""

    placed: list[Member]
    waiting: list[Member]
    known: list[Member]


@dataclass(frozen=True)
class LetIn:
    """Members who got a place from the waiting list, and members who still wait.

    Members in `passed_over` belong to no Party organisation on the day of the session.
    """

    promoted: list[Member]
    passed_over: list[Member]


@dataclass(frozen=True)
class Withdrawn:
    """The session from which a member is off the roster, and the members who got the place."""

    enrolment: Enrolment
    from_session: int
    let_in: LetIn


def enrol_members(
    *,
    training_class_id: int,
    member_ids: Collection[int],
    by: Actor,
    at: datetime,
    guests: Collection[Guest] = (),
) -> Enrolled:
    """Put members on the roster from the next session on, in this order while places are left.

    The others go on the waiting list. `member_ids` are members whom the actor may see;
    `guests` may be any members of the district. Of a school that joins the class, its clerk enrols
    its own members alone. Raises TrainingClass.DoesNotExist,
    PermissionDenied, and RosterError if the class is over or a member is not available.
    """
    with transaction.atomic():
        training_class, user, own = lock_roster(training_class_id, by, at)
        first = _next_session(training_class, at)
        members = find_members(user, member_ids, guests, at, own=own)
        known = _known(training_class, first.number)
        new = [member for member in members if member.pk not in known]
        placed, waiting = _place_or_queue(training_class, new, first, at)
        if new:
            after = _entry(placed, waiting, first)
            record_on_class(training_class, "enrol_members", by=by, at=at, after=after)
    return Enrolled(placed, waiting, [member for member in members if member.pk in known])


def enrol_self(*, training_class_id: int, by: Actor, at: datetime) -> Enrolled:
    """Put the actor on the roster, or on the waiting list if no place is left.

    Raises TrainingClass.DoesNotExist, PermissionDenied if the actor is not a member, and
    RosterError if the class is not open, has begun, or is for another audience.
    """
    with transaction.atomic():
        training_class, member = _lock_open_class(training_class_id, by, at)
        on = local_date(at)
        audience = in_audience(training_class.audience, on, "pk")
        if not Member.objects.filter(audience, pk=member.pk).exists():
            raise RosterError(
                _("This class is for %(audience)s.")
                % {"audience": training_class.get_audience_display()}
            )
        first = _next_session(training_class, at)
        if member.pk in _known(training_class, first.number):
            return Enrolled([], [], [member])
        placed, waiting = _place_or_queue(training_class, [member], first, at)
        after = _entry(placed, waiting, first)
        record_on_class(training_class, "enrol_self", by=by, at=at, after=after)
    return Enrolled(placed, waiting, [])


def withdraw_self(*, training_class_id: int, by: Actor, at: datetime) -> Withdrawn | None:
    """Take the actor off the roster or the waiting list before the class begins.

    Returns None if the actor was only on the waiting list, or on neither. Raises like `enrol_self`.
    """
    with transaction.atomic():
        training_class, member = _lock_open_class(training_class_id, by, at)
        waited, _rows = training_class.waiting_list.filter(member=member).delete()
        lasting = Enrolment.objects.known_to(training_class).filter(member=member)
        enrolment = lasting.select_related("member").first()
        done = _take_off(training_class, enrolment, at) if enrolment else None
        if waited or done:
            record_on_class(
                training_class,
                "withdraw_self",
                by=by,
                at=at,
                after={
                    "member": member.pk,
                    "enrolled": [enrolment.pk for enrolment in done.let_in.promoted]
                    if done
                    else [],
                },
            )
    return done


def withdraw_member(
    *, training_class_id: int, member_id: int, reason: str, by: Actor, at: datetime
) -> Withdrawn:
    """Take a member off the roster from the next session on; the first who waits gets the place.

    Rolls of earlier sessions keep the member. Raises TrainingClass.DoesNotExist, PermissionDenied,
    and RosterError if the member is not on the roster, or without a reason.
    """
    with transaction.atomic():
        training_class, _user, own = lock_roster(training_class_id, by, at)
        if not reason.strip():
            raise RosterError(_("Say why the member is taken off the roster."), field="reason")
        lasting = training_class.enrolments.lasting().filter(own_only(own))
        enrolment = lasting.filter(member=member_id).select_related("member").first()
        if enrolment is None:
            raise RosterError(_("This member is not on the roster any more."))
        done = _take_off(training_class, enrolment, at)
        record_on_class(
            training_class,
            "withdraw_member",
            by=by,
            at=at,
            after={
                "member": member_id,
                "from_session": done.from_session,
                "reason": reason,
                "enrolled": [member.pk for member in done.let_in.promoted],
            },
        )
    return done


def take_off_rosters(
    *, member_id: int, reason: str, by: Actor, at: datetime
) -> list[TrainingClass]:
    """Take a member off all rosters with sessions to come and off all waiting lists.

    For a member who leaves, by the person who records that. The first who waits gets the place.
    Returns the classes, which are locked.
    """
    enrolled = Enrolment.objects.lasting().filter(member=member_id).values("training_class")
    waiting = WaitingListEntry.objects.filter(member=member_id).values("training_class")
    rows = TrainingClass.objects.filter(Q(pk__in=enrolled) | Q(pk__in=waiting))
    rows = rows.select_related("school").order_by("pk")
    left = []
    for training_class in rows.select_for_update(of=("self",), no_key=True):
        waited, _rows = training_class.waiting_list.filter(member=member_id).delete()
        lasting = Enrolment.objects.known_to(training_class).filter(member=member_id)
        enrolment = lasting.select_related("member").first()
        done = None
        if enrolment and _find_next_session(training_class, at):
            done = _take_off(training_class, enrolment, at)
        if waited or done:
            promoted = done.let_in.promoted if done else []
            after = {
                "member": member_id,
                "reason": reason,
                "enrolled": [member.pk for member in promoted],
            }
            record_on_class(training_class, "withdraw_member", by=by, at=at, after=after)
            left.append(training_class)
    return left


def change_class(*, obj: TrainingClass, by: Actor, at: datetime, **kwargs: Any) -> LetIn:
    """Save a changed class. Returns the waiting members who got the places that this made.

    Raises PermissionDenied, and RecordError, also for fewer places than are taken.
    """
    with transaction.atomic():
        lock_class(obj.pk, by, at)
        waited = list_waiting(obj)
        save_class(obj=obj, by=by, at=at, school_code=obj.school.code, **kwargs)
        return compare_waiting(obj, waited, at)


def list_waiting(training_class: TrainingClass) -> list[Member]:
    """The members who wait for a place, in order."""
    return [entry.member for entry in training_class.waiting_list.select_related("member")]


def compare_waiting(training_class: TrainingClass, waited: list[Member], at: datetime) -> LetIn:
    """Members of `waited` who got a place since. The class is locked all the time."""
    still = set(list_waiting(training_class))
    promoted = [member for member in waited if member not in still]
    first = _find_next_session(training_class, at)
    if first is None or not (promoted or _has_places(training_class)):
        return LetIn(promoted, [])
    return LetIn(promoted, _list_passed_over(training_class, first))


def let_in_waiting(*, training_class: TrainingClass, field: str, by: Actor, at: datetime) -> None:
    """Give the free places of a locked class to waiting members, if its roster may change.

    Raises RecordError for more members than places, at the `field` that was changed, if any.
    """
    places = places_of(training_class)
    if field and places is not None and _taken(training_class) > places:
        raise RecordError(_("More members are on the roster than that."), field=field)
    if not training_class.waiting_list.exists():
        return
    first = _find_next_session(training_class, at)
    promoted = _promote(training_class, first).promoted if first else []
    if promoted:
        after = {"enrolled": [member.pk for member in promoted]}
        record_on_class(training_class, "promote_members", by=by, at=at, after=after)


def leave_waiting_list(*, training_class_id: int, member_id: int, by: Actor, at: datetime) -> None:
    """Take a member off the waiting list. Raises RosterError if the member is not on it."""
    with transaction.atomic():
        training_class, _user, own = lock_roster(training_class_id, by, at)
        entry = training_class.waiting_list.filter(own_only(own), member=member_id)
        if not entry.delete()[0]:
            raise RosterError(_("This member does not wait for a place any more."))
        record_on_class(
            training_class, "leave_waiting_list", by=by, at=at, after={"member": member_id}
        )


def lock_class(training_class_id: int, by: Actor, at: datetime) -> tuple[TrainingClass, User]:
    """The class, locked, if the actor may see it and manage its roster."""
    on = local_date(at)
    if by.user is None:
        raise PermissionDenied
    training_class = _lock(TrainingClass.objects.visible_to(by.user, on), training_class_id)
    if not plans_classes(by.user, training_class.school_id, on):
        raise PermissionDenied
    return training_class, by.user


def lock_roster(
    training_class_id: int, by: Actor, at: datetime
) -> tuple[TrainingClass, User, QuerySet[Member] | None]:
    """Like `lock_class`, also for clerks of a school that joins: with its members, else None."""
    on = local_date(at)
    if by.user is None:
        raise PermissionDenied
    training_class = _lock(TrainingClass.objects.known_to(by.user, on), training_class_id)
    schools = schools_enrolling(by.user, training_class, on)
    if not schools:
        raise PermissionDenied
    is_holding = training_class.school_id in schools
    return training_class, by.user, None if is_holding else members_of_schools(schools, on)


def own_only(own: QuerySet[Member] | None) -> Q:
    """The condition that a row is of one of these members; None: of anybody."""
    return Q() if own is None else Q(member__in=own)


def _lock(rows: QuerySet[TrainingClass], training_class_id: int) -> TrainingClass:
    locked = rows.select_related("school").select_for_update(of=("self",), no_key=True)
    return locked.get(pk=training_class_id)


def _lock_open_class(
    training_class_id: int, by: Actor, at: datetime
) -> tuple[TrainingClass, Member]:
    """A class open for self-enrolment that has not begun, locked; and the actor's member row."""
    member = Member.objects.filter(user=by.user, merged_into=None).first() if by.user else None
    if member is None:
        raise PermissionDenied
    training_class = (
        TrainingClass.objects.select_related("school")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=training_class_id)
    )
    if not training_class.is_open:
        raise RosterError(_("The school puts the roster of this class together: ask its office."))
    if training_class.sessions.to_be_held().filter(starts_at__lte=at).exists():
        raise RosterError(_("This class has begun: ask the office of the school."))
    return training_class, member


def _next_session(training_class: TrainingClass, at: datetime) -> Session:
    """Like `_find_next_session`, but raises RosterError if there is none."""
    session = _find_next_session(training_class, at)
    if session is None:
        raise RosterError(_why_closed(training_class, at))
    return session


def _why_closed(training_class: TrainingClass, at: datetime) -> str:
    held = training_class.sessions.to_be_held()
    if not held.filter(starts_at__gt=at).exclude(roll__state=RollState.SUBMITTED).exists():
        return _("The last session of this class has begun, so its roster stays as it is.")
    return _(
        "A session was held before others with lower numbers, and rosters go by the numbers. The "
        "academic officer first gives the sessions to come higher numbers, the last of them first."
    )


def _find_next_session(training_class: TrainingClass, at: datetime) -> Session | None:
    """The first session with a roster that may change.

    The sessions are locked, so that no later roll is submitted meanwhile.
    """
    rows = training_class.sessions.to_be_held().order_by("number")
    sessions = list(rows.select_for_update(of=("self",), no_key=True))
    closed = Roll.objects.filter(session__in=sessions, state=RollState.SUBMITTED)
    return first_with_open_roster(sessions, set(closed.values_list("session", flat=True)), at)


def find_members(
    user: User,
    member_ids: Collection[int],
    guests: Collection[Guest],
    at: datetime,
    *,
    own: QuerySet[Member] | None = None,
) -> list[Member]:
    """The members, in the order named; of `own` alone, if it is given, and then without guests.

    Raises RosterError if one is not available.
    """
    on = local_date(at)
    if own is not None and guests:
        raise PermissionDenied
    seen = Member.objects.visible_to(user, on).filter(pk__in=member_ids, merged_into=None)
    if own is not None:
        seen = seen.filter(pk__in=own)
    members = {member.pk: member for member in seen}
    if not set(member_ids) <= members.keys():
        raise RosterError(_("Somebody chosen is not of your school any more. Look again."))
    named = [members[pk] for pk in member_ids] + [find_guest_member(guest) for guest in guests]
    return list({member.pk: member for member in named}.values())


def _known(training_class: TrainingClass, number: int) -> set[int]:
    """Members who are on the roster from this session on, or wait."""
    lasting = Enrolment.objects.known_to(training_class)
    later = Enrolment.objects.filter(training_class=training_class, sessions__endswith__gt=number)
    waiting = training_class.waiting_list.values_list("member", flat=True)
    return {
        *lasting.values_list("member", flat=True),
        *later.values_list("member", flat=True),
        *waiting,
    }


def _free_places(training_class: TrainingClass) -> int | None:
    """The number of free places; None if nothing limits the class."""
    places = places_of(training_class)
    if places is None:
        return None
    return max(0, places - _taken(training_class))


def _has_places(training_class: TrainingClass) -> bool:
    return _free_places(training_class) != 0


def _taken(training_class: TrainingClass) -> int:
    return Enrolment.objects.known_to(training_class).count()


def _place_or_queue(
    training_class: TrainingClass, new: list[Member], first: Session, at: datetime
) -> tuple[list[Member], list[Member]]:
    """Members placed, and members who wait. Nobody overtakes a waiting member who can be placed."""
    free = 0 if _line(training_class, first).exists() else _free_places(training_class)
    placed = new if free is None else new[:free]
    waiting = [] if free is None else new[free:]
    _place(training_class, placed, first)
    WaitingListEntry.objects.bulk_create(
        WaitingListEntry(training_class=training_class, member=member, since=at)
        for member in waiting
    )
    return placed, waiting


def _take_off(training_class: TrainingClass, enrolment: Enrolment, at: datetime) -> Withdrawn:
    """End an enrolment with the next session; the first who waits gets the place."""
    first = _next_session(training_class, at)
    number = first.number
    # A mark in a draft is not lost: a marked member stays on that roll.
    following = training_class.sessions.filter(number__gte=number)
    marked = list_marked(following, enrolment.member_id)
    number = max(marked, default=number - 1) + 1
    lower = enrolment.sessions.lower or number
    enrolment.sessions = NumericRange(min(lower, number), number, "[)")
    enrolment.is_monitor = False
    enrolment.save(update_fields=["sessions", "is_monitor"])
    # A member who is not on the roster needs no leave.
    LeaveRequest.objects.current().filter(
        session__training_class=training_class,
        session__number__gte=number,
        member=enrolment.member_id,
    ).update(withdrawn_at=at)
    return Withdrawn(enrolment, number, _promote(training_class, first))


def list_marked(sessions: Iterable[Session], member_id: int | None = None) -> set[int]:
    """The numbers of sessions that have marks, of one member or of anybody; they are locked."""
    return set().union(*ask(marks_asked, Session, sessions=sessions, member_id=member_id))


def _place(training_class: TrainingClass, members: Iterable[Member], first: Session) -> None:
    """Enrol members from a session on, each with their organisation on its day."""
    members = list(members)
    organisations = organisations_of(members, first.held_on)
    taken = Enrolment.objects.filter(
        Q(sessions__endswith=None) | Q(sessions__endswith__gt=first.number),
        training_class=training_class,
        sessions__isempty=False,
    )
    numbers = {pocket for pocket in taken.values_list("phone_pocket", flat=True) if pocket}
    pockets = free_numbers(numbers, after=max(numbers, default=0))
    Enrolment.objects.bulk_create(
        Enrolment(
            training_class=training_class,
            member=member,
            organisation_id=organisations[member.pk],
            sessions=NumericRange(1 if _is_first(first) else first.number, None, "[)"),
            phone_pocket=pocket,
        )
        for member, pocket in zip(members, pockets, strict=False)
    )


def free_numbers(taken: Collection[int], *, after: int = 0) -> Iterator[int | None]:
    """Numbers that are not `taken`: first those `after` a number, then lower ones, then None."""
    beyond = range(after + 1, HIGHEST_NUMBER + 1)
    before = range(1, after + 1)
    free = (number for number in chain(beyond, before) if number not in taken)
    return chain(free, repeat(None))


def organisations_of(members: Collection[Member], on: date) -> dict[int, int]:
    """Each member's organisation on the day of a session. Raises RosterError if one has none."""
    belonging = Membership.objects.filter(in_force(on), member__in=members)
    organisations = dict(belonging.values_list("member", "organisation"))
    for member in members:
        if member.pk not in organisations:
            raise RosterError(
                _("%(name)s belongs to no Party organisation on the day of the session.")
                % {"name": member.name}
            )
    return organisations


def _is_first(session: Session) -> bool:
    return not Session.objects.filter(
        training_class=session.training_class_id, number__lt=session.number
    ).exists()


def _promote(training_class: TrainingClass, first: Session) -> LetIn:
    """Give free places from a session on to waiting members, the earliest first."""
    if not _has_places(training_class):
        return LetIn([], [])
    entries = list(_line(training_class, first)[: _free_places(training_class)])
    promoted = [entry.member for entry in entries]
    _place(training_class, promoted, first)
    WaitingListEntry.objects.filter(pk__in=[entry.pk for entry in entries]).delete()
    return LetIn(promoted, _list_passed_over(training_class, first))


def _line(
    training_class: TrainingClass, first: Session, *, belonging: bool = True
) -> QuerySet[WaitingListEntry]:
    """The waiting list, in order: members who belong to an organisation on the day, or to none."""
    memberships = Membership.objects.filter(in_force(first.held_on), member=OuterRef("member"))
    belongs = Exists(memberships)
    waiting = training_class.waiting_list.select_related("member")
    return waiting.filter(belongs if belonging else ~belongs)


def _list_passed_over(training_class: TrainingClass, first: Session) -> list[Member]:
    return [entry.member for entry in _line(training_class, first, belonging=False)]


def _entry(placed: list[Member], waiting: list[Member], first: Session) -> dict[str, object]:
    return {
        "enrolled": [member.pk for member in placed],
        "waiting": [member.pk for member in waiting],
        "from_session": first.number,
    }


def record_on_class(
    training_class: TrainingClass,
    act: str,
    *,
    by: Actor,
    at: datetime,
    after: Mapping[str, object],
) -> None:
    """Write an action on a class to the audit trail."""
    record_act(
        act=act,
        obj=training_class,
        by=by,
        at=at,
        school_code=training_class.school.code,
        after=after,
    )
