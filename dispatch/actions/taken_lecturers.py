"""Lecturers whom a school takes for the sessions of its classes, past the desk.

They are weighed by the checks of the desk, and told. What the desk engages was weighed there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.interests import refuse_own_accounts
from accounts.origin import Actor, person_of
from accounts.records import RecordError
from courses.models import Session
from dispatch.checks import Finding
from dispatch.enums import EngagementState
from dispatch.models import Engagement, EngagementOverride
from dispatch.notices import tell_of_loss, tell_of_session
from dispatch.queries.lecturer_remarks import weigh_lecturer


def weigh_taken(
    session: Session, stored: Session | None, *, by: Actor, at: datetime
) -> Sequence[Finding]:
    """What the reason of the saved session overrides, where its lecturer or time is new.

    Raises RecordError for what no reason helps against, for a warning without a reason, and where
    somebody names themselves. Else nothing is asked of a session that has begun, since who taught
    it is a fact.
    """
    if _is_engaged(session):
        return ()
    if session.instructor and (stored is None or stored.instructor_id != session.instructor_id):
        own = partial(RecordError, field="instructor")
        refuse_own_accounts(by, filter(None, [session.instructor.user_id]), own)
    is_same = stored is not None and all(
        getattr(stored, name) == getattr(session, name)
        for name in ("instructor_id", "starts_at", "ends_at")
    )
    if is_same or session.starts_at <= at:
        return ()
    findings = weigh_lecturer(session, by.user)
    texts = " ".join(finding.text for finding in findings)
    if any(finding.is_block for finding in findings):
        raise RecordError(texts, field="instructor")
    reason = session.lecturer_reason.strip()
    if stored is not None and stored.instructor_id != session.instructor_id:
        # The reason for the former lecturer is none for the next.
        reason = "" if reason == stored.lecturer_reason else reason
    if findings and not reason:
        text = _("Say why in spite of this: %(warnings)s") % {"warnings": texts}
        raise RecordError(text, field="lecturer_reason")
    return findings


def keep_overridden(
    session: Session, findings: Sequence[Finding], *, by: Actor, at: datetime
) -> None:
    """Keep what was overridden in the trail, and with the engagement if it is of a letter."""
    if not findings:
        return
    record_act(
        act="take_lecturer",
        obj=session,
        by=by,
        at=at,
        school_code=session.training_class.school.code,
        after={
            "warnings": [finding.text for finding in findings],
            "reason": session.lecturer_reason,
        },
    )
    engagement = Engagement.objects.live().filter(session=session).first()
    if engagement is None or engagement.instructor is None:
        return
    EngagementOverride.objects.bulk_create(
        EngagementOverride(
            engagement=engagement,
            instructor=engagement.instructor,
            warning=finding.code,
            text=finding.text[:300],
            reason=session.lecturer_reason,
            overridden_at=at,
            overridden_by=person_of(by),
        )
        for finding in findings
    )


def tell_taken(session: Session, stored: Session | None, *, by: Actor, at: datetime) -> None:
    """Tell lecturers of a session of no letter that they teach it, from when on, or no more.

    Those of a letter hear of their engagements.
    """
    of_letter = Engagement.objects.filter(session=session).exists() or _is_engaged(session)
    if of_letter or session.starts_at <= at:
        return
    former = stored.instructor_id if stored else None
    if stored is not None and former is not None and former != session.instructor_id:
        tell_of_loss(stored, stored.instructor, "", by=by, at=at)
    moved = stored is not None and stored.starts_at != session.starts_at
    if moved or former != session.instructor_id:
        tell_of_session(session, by=by, at=at)


def tell_called_off(sessions: Sequence[Session], reason: str, *, by: Actor, at: datetime) -> None:
    """Tell lecturers of sessions of no letter that these are called off."""
    of_letters = set(
        Engagement.objects.filter(session__in=sessions).values_list("session", flat=True)
    )
    for session in sessions:
        if session.pk not in of_letters:
            tell_of_loss(session, session.instructor, reason, by=by, at=at)


def equals(session: Session) -> Q:
    """The engagement that equals a session in all: that of the letter being confirmed."""
    return Q(
        session=None,
        state=EngagementState.ACCEPTED,
        letter__school=session.training_class.school_id,
        number=session.number,
        course=session.course_id,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        venue=session.venue_id,
    )


def _is_engaged(session: Session) -> bool:
    """Whether the desk engaged the lecturer of the session for its time."""
    own = Q(session=session, starts_at=session.starts_at, ends_at=session.ends_at)
    rows = Engagement.objects.live().filter(own | equals(session))
    return rows.filter(instructor=session.instructor_id).exists()
