"""What lecturers answer to proposals, and what happens to those that nobody answers."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.enums import ActorChannel
from accounts.origin import Actor
from dispatch.actions.steps import lock_to_answer, name_lecturer
from dispatch.enums import EngagementState
from dispatch.errors import EngagementError
from dispatch.models import Engagement
from dispatch.notices import tell_of_acceptance, tell_of_gap, tell_of_lecturer
from dispatch.queries.candidates import blocks_of
from dispatch.queries.letters import is_accepted
from dispatch.querysets import EngagementQuerySet


def accept_engagement(*, engagement_id: int, by: Actor, at: datetime) -> Engagement:
    """The lecturer accepts. Of a confirmed letter, the session has the lecturer from now on.

    What has come to block them since they were proposed refuses it: leave, a letter of appointment
    that ended, another session. Raises PermissionDenied and EngagementError.
    """
    with transaction.atomic():
        engagement = _lock(engagement_id, by, at)
        if why := blocks_of(engagement):
            raise EngagementError(why)
        _answer(engagement, EngagementState.ACCEPTED, "", act="accept_engagement", by=by, at=at)
        if engagement.session is not None:
            name_lecturer(engagement.session, engagement.instructor, by=by, at=at)
    return engagement


def decline_engagement(*, engagement_id: int, reason: str, by: Actor, at: datetime) -> Engagement:
    """The lecturer declines with a reason, also after having accepted, before the session begins.

    The session of a confirmed letter has no lecturer then, and the desk looks for another. Raises
    PermissionDenied and EngagementError.
    """
    with transaction.atomic():
        engagement = _lock(engagement_id, by, at, declines=True)
        if not reason.strip():
            raise EngagementError(_("Say why; the district reads it."), "reason")
        _answer(
            engagement, EngagementState.DECLINED, reason, act="decline_engagement", by=by, at=at
        )
        if engagement.session is not None:
            name_lecturer(engagement.session, None, by=by, at=at)
    return engagement


def lapse_engagements(*, by: Actor, at: datetime) -> int:
    """Proposals that nobody answered in time lapse, and the desk looks for another lecturer.

    Returns how many.
    """
    late = Engagement.objects.filter(state=EngagementState.PROPOSED, answer_by__lte=at)
    keys = list(late.order_by("pk").values_list("pk", flat=True))
    return sum(_lapse(key, by, at) for key in keys)


def _lapse(engagement_id: int, by: Actor, at: datetime) -> bool:
    with transaction.atomic():
        lock_to_answer(engagement_id)
        late = _rows().filter(state=EngagementState.PROPOSED, answer_by__lte=at)
        engagement = late.select_for_update(of=("self",)).filter(pk=engagement_id).first()
        if engagement is None:
            return False
        _answer(engagement, EngagementState.LAPSED, "", act="lapse_engagement", by=by, at=at)
        if engagement.session is not None and engagement.session.instructor_id:
            name_lecturer(engagement.session, None, by=by, at=at)
    return True


def _rows() -> EngagementQuerySet:
    return Engagement.objects.select_related("letter__school", "instructor", "session")


def _lock(engagement_id: int, by: Actor, at: datetime, *, declines: bool = False) -> Engagement:
    """The engagement, locked, if the actor is its lecturer and may answer now.

    Nobody signed in is the lecturer without an account, who came by the signed link.
    """
    lock_to_answer(engagement_id)
    engagement = _rows().select_for_update(of=("self",)).filter(pk=engagement_id).first()
    if engagement is None or engagement.instructor is None:
        raise PermissionDenied
    if by.user is None and by.channel != ActorChannel.STRANGER:
        raise PermissionDenied
    if engagement.instructor.user_id != (by.user.pk if by.user else None):
        raise PermissionDenied
    open_states = {EngagementState.PROPOSED}
    if declines:
        open_states.add(EngagementState.ACCEPTED)
    if engagement.state not in open_states:
        text = _("This proposal is “%(state)s” by now.")
        raise EngagementError(text % {"state": engagement.get_state_display()})
    if engagement.state == EngagementState.PROPOSED and engagement.answer_by <= at:
        raise EngagementError(_("The day to answer by is over: call the district school."))
    if engagement.starts_at <= at:
        raise EngagementError(_("This session has begun."))
    return engagement


def _answer(
    engagement: Engagement,
    state: EngagementState,
    reason: str,
    *,
    act: str,
    by: Actor,
    at: datetime,
) -> None:
    before = {"state": engagement.state}
    engagement.state = state
    engagement.reason = reason.strip()
    is_lost = state != EngagementState.ACCEPTED and engagement.session_id is None
    engagement.holds_venue = is_lost and engagement.venue_id is not None
    if state != EngagementState.LAPSED:
        engagement.answered_at, engagement.answered_by = at, by.user
        engagement.answered_by_link = by.user is None
    engagement.save()
    record_act(
        act=act,
        obj=engagement,
        by=by,
        at=at,
        school_code=engagement.letter.school.code,
        before=before,
        after={
            "state": state,
            **({"reason": engagement.reason} if engagement.reason else {}),
            **({"answered_by_link": True} if engagement.answered_by_link else {}),
        },
    )
    if state != EngagementState.ACCEPTED:
        tell_of_gap(engagement, at=at)
    if engagement.session is not None:
        teaches = engagement.session.instructor_id == engagement.instructor_id
        if state != EngagementState.ACCEPTED or not teaches:
            tell_of_lecturer(engagement, at=at)
    elif is_accepted(engagement.letter):
        tell_of_acceptance(engagement, at=at)
