"""What lecturers answer to proposals, and what happens to those that nobody answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
from dispatch.notices import (
    settle_proposals,
    tell_of_acceptance,
    tell_of_gaps,
    tell_of_lecturer,
)
from dispatch.queries.candidates import list_blocks
from dispatch.queries.letters import is_accepted
from dispatch.querysets import EngagementQuerySet


def accept_engagement(*, engagement_id: int, by: Actor, at: datetime) -> Engagement:
    """As `accept_engagements`, of one."""
    return accept_engagements(engagement_ids=[engagement_id], by=by, at=at)[0]


def accept_engagements(
    *, engagement_ids: Collection[int], by: Actor, at: datetime
) -> list[Engagement]:
    """The lecturer accepts. Of a confirmed letter, the sessions have the lecturer from now on.

    What has come to block them since they were proposed refuses it: leave, a letter of appointment
    that ended, another session. Raises PermissionDenied and EngagementError.
    """
    with transaction.atomic():
        engagements = _lock(engagement_ids, by, at)
        if blocks := list_blocks(engagements):
            raise EngagementError(" ".join(blocks.values()))
        for engagement in engagements:
            _answer(engagement, EngagementState.ACCEPTED, "", act="accept_engagement", by=by, at=at)
        _tell(engagements, at)
        for engagement in engagements:
            if engagement.session is not None:
                name_lecturer(engagement.session, engagement.instructor, by=by, at=at)
    return engagements


def decline_engagement(*, engagement_id: int, reason: str, by: Actor, at: datetime) -> Engagement:
    """As `decline_engagements`, of one."""
    return decline_engagements(engagement_ids=[engagement_id], reason=reason, by=by, at=at)[0]


def decline_engagements(
    *, engagement_ids: Collection[int], reason: str, by: Actor, at: datetime
) -> list[Engagement]:
    """The lecturer declines with a reason, also after having accepted, before the session begins.

    The session of a confirmed letter has no lecturer then, and the desk looks for another. Raises
    PermissionDenied and EngagementError.
    """
    with transaction.atomic():
        engagements = _lock(engagement_ids, by, at, declines=True)
        if not reason.strip():
            raise EngagementError(_("Say why; the district reads it."), "reason")
        for engagement in engagements:
            _answer(
                engagement, EngagementState.DECLINED, reason, act="decline_engagement", by=by, at=at
            )
        _tell(engagements, at)
        for engagement in engagements:
            if engagement.session is not None:
                name_lecturer(engagement.session, None, by=by, at=at)
    return engagements


def lapse_engagements(*, by: Actor, at: datetime) -> int:
    """Proposals that nobody answered in time lapse, and the desk looks for another lecturer.

    Returns how many.
    """
    late = Engagement.objects.filter(state=EngagementState.PROPOSED, answer_by__lte=at)
    keys = list(late.order_by("pk").values_list("pk", flat=True))
    return sum(_lapse(key, by, at) for key in keys)


def _lapse(engagement_id: int, by: Actor, at: datetime) -> bool:
    with transaction.atomic():
        lock_to_answer([engagement_id])
        late = _rows().filter(state=EngagementState.PROPOSED, answer_by__lte=at)
        engagement = late.select_for_update(of=("self",)).filter(pk=engagement_id).first()
        if engagement is None:
            return False
        _answer(engagement, EngagementState.LAPSED, "", act="lapse_engagement", by=by, at=at)
        _tell([engagement], at)
        if engagement.session is not None and engagement.session.instructor_id:
            name_lecturer(engagement.session, None, by=by, at=at)
    return True


def _rows() -> EngagementQuerySet:
    return Engagement.objects.select_related("letter__school", "instructor", "session")


def _lock(
    engagement_ids: Collection[int], by: Actor, at: datetime, *, declines: bool = False
) -> list[Engagement]:
    """The engagements, locked, if the actor is their lecturer and may answer all of them now."""
    lock_to_answer(engagement_ids)
    rows = _rows().select_for_update(of=("self",)).filter(pk__in=engagement_ids)
    engagements = list(rows.order_by("pk"))
    if not engagements or len(engagements) < len(set(engagement_ids)):
        raise PermissionDenied
    for engagement in engagements:
        _require_open(engagement, by, at, declines=declines)
    return engagements


def _require_open(engagement: Engagement, by: Actor, at: datetime, *, declines: bool) -> None:
    """Raise unless the actor is the lecturer and may answer now.

    Nobody signed in is the lecturer without an account, who came by the signed link.
    """
    if engagement.instructor is None:
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
    until = engagement.answer_by
    if engagement.state == EngagementState.PROPOSED and until is not None and until <= at:
        raise EngagementError(_("The day to answer by is over: call the district school."))
    if engagement.starts_at <= at:
        raise EngagementError(_("This session has begun."))


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


def _tell(engagements: Sequence[Engagement], at: datetime) -> None:
    """Tell the desk and the school of answers to one letter, before its sessions change.

    What asked the lecturer counts as read.
    """
    tell_of_gaps([row for row in engagements if row.state != EngagementState.ACCEPTED], at=at)
    for row in engagements:
        if row.session is None:
            continue
        teaches = row.session.instructor_id == row.instructor_id
        if row.state != EngagementState.ACCEPTED or not teaches:
            tell_of_lecturer(row, at=at)
    if engagements[0].session is None and is_accepted(engagements[0].letter):
        tell_of_acceptance(engagements[-1], at=at)
    if engagements[0].state != EngagementState.LAPSED:
        settle_proposals(engagements[0], at=at)
