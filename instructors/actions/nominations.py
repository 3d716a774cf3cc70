"""Nominations: a township school proposes a lecturer, the organisation department decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.activation import end_codes
from accounts.audit import record_act
from accounts.interests import own_accounts, refuse_own_accounts, say_own
from accounts.models import User
from accounts.origin import Actor
from accounts.records import message_for
from config.lib.names import clean_name, name_key
from config.lib.periods import local_date
from instructors.enums import Corps, NominationState
from instructors.errors import NominationError
from instructors.models import Instructor, Nomination
from instructors.notices import tell_of_decision, tell_of_nomination
from instructors.permissions import appoints, schools_nominated_for


@dataclass(frozen=True)
class Nominee:
    """Who is nominated, and why. `username` is the sign-in name of their account, if any."""

    name: str
    title: str
    employer: str
    reasons: str
    username: str = ""


def nominate_lecturer(*, school_id: int, nominee: Nominee, by: Actor, at: datetime) -> Nomination:
    """Nominate a lecturer of the backbone corps for a school. Raises NominationError.

    Nobody nominates themselves: neither by their account, nor by a name like their own that comes
    without an account.
    """
    nominator = _person(by)
    with transaction.atomic():
        school = schools_nominated_for(nominator, local_date(at)).filter(pk=school_id).first()
        if school is None:
            raise NominationError(_("You may not nominate lecturers for this school."))
        name = clean_name(nominee.name)
        user = _find_account(nominee.username, name)
        if user is not None:
            refuse_own_accounts(by, [user.pk], NominationError)
            _refuse_lecturer(user)
        elif name_key(name) == name_key(nominator.display_name):
            message = _("This is your own name. Somebody else of that name is named by an account.")
            raise NominationError(message, field="username")
        nomination = Nomination(
            school=school,
            name=name,
            user=user,
            title=nominee.title,
            employer=nominee.employer.strip(),
            reasons=nominee.reasons.strip(),
            nominated_at=at,
            nominated_by=nominator,
        )
        _store(nomination)
        record_act(
            act="nominate_lecturer",
            obj=nomination,
            by=by,
            at=at,
            school_code=school.code,
            after={
                "school": school.pk,
                "user": user.pk if user else None,
                "title": nomination.title,
                "employer": nomination.employer,
                "reasons": nomination.reasons,
            },
        )
        tell_of_nomination(nomination, at=at)
    return nomination


def appoint_nominee(*, nomination_id: int, by: Actor, at: datetime) -> Nomination:
    """Make the nominee a lecturer of the backbone corps; a letter of appointment is issued next.

    Raises NominationError.
    """
    with transaction.atomic():
        nomination = _lock_waiting(nomination_id, by)
        if nomination.user is not None:
            end_codes(nomination.user.pk)
            _refuse_lecturer(nomination.user)
        nomination.instructor = Instructor.objects.create(
            name=nomination.name,
            user=nomination.user,
            corps=Corps.BACKBONE,
            title=nomination.title,
            employer=nomination.employer,
            nominated_by=nomination.school,
        )
        return _decide(nomination, NominationState.APPOINTED, "appoint_nominee", by=by, at=at)


def decline_nomination(*, nomination_id: int, reason: str, by: Actor, at: datetime) -> Nomination:
    """Decline a nomination with a reason, which the school reads. Raises NominationError."""
    with transaction.atomic():
        nomination = _lock_waiting(nomination_id, by)
        nomination.reason = reason.strip()
        if not nomination.reason:
            raise NominationError(_("Say why the nomination is declined."), field="reason")
        return _decide(nomination, NominationState.DECLINED, "decline_nomination", by=by, at=at)


def _person(by: Actor) -> User:
    if by.user is None:
        raise NominationError(_("Lecturers are nominated and appointed by a person."))
    return by.user


def _find_account(username: str, name: str) -> User | None:
    """The account, if its name is the nominee's: another one is as one that does not exist."""
    if not username.strip():
        return None
    user = User.objects.filter(username=username.strip(), is_active=True).first()
    if user is None or name_key(user.display_name) != name_key(name):
        message = _("Nobody of this name has an account with this sign-in name.")
        raise NominationError(message, field="username")
    return user


def _refuse_lecturer(user: User) -> None:
    if Instructor.objects.filter(user__in=own_accounts(user)).exists():
        message = _("This account is that of a lecturer already.")
        raise NominationError(message, field="username")


def _lock_waiting(nomination_id: int, by: Actor) -> Nomination:
    """A waiting nomination, locked, if the actor may decide on it."""
    decider = _person(by)
    if not appoints(decider):
        raise NominationError(_("The organisation department decides on nominations."))
    rows = Nomination.objects.select_related("school", "user", "nominated_by")
    nomination = rows.select_for_update(of=("self",)).get(pk=nomination_id)
    if nomination.state != NominationState.WAITING:
        raise NominationError(_("Somebody has decided on this nomination already."))
    if nomination.user is not None:
        refuse_own_accounts(by, [nomination.user.pk], NominationError)
    elif name_key(nomination.name) == name_key(decider.display_name):
        raise NominationError(say_own())
    if nomination.nominated_by_id in own_accounts(decider):
        raise NominationError(_("You nominated this person: somebody else decides."))
    return nomination


def _decide(
    nomination: Nomination, state: NominationState, act: str, *, by: Actor, at: datetime
) -> Nomination:
    nomination.state, nomination.decided_at, nomination.decided_by = state, at, _person(by)
    _store(nomination)
    record_act(
        act=act,
        obj=nomination,
        by=by,
        at=at,
        school_code=nomination.school.code,
        before={"state": NominationState.WAITING},
        after={
            "state": state,
            "reason": nomination.reason,
            "instructor": nomination.instructor_id,
        },
    )
    tell_of_decision(nomination, at=at)
    return nomination


def _store(nomination: Nomination) -> None:
    try:
        with transaction.atomic():
            nomination.save()
    except IntegrityError as error:
        raise NominationError(message_for(error, Nomination)) from error
