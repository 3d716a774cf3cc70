"""What every act on a booking letter does: lock it, check its stage, and record the step."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.audit import Facts, record_act
from accounts.origin import Actor
from accounts.records import RecordError, lock_row
from courses.models import Session
from courses.records import lock_around, save_session
from dispatch.enums import LetterStage
from dispatch.errors import BookingError, EngagementError
from dispatch.letter_changes import Change
from dispatch.models import BookingLetter, BookingStep, Engagement
from dispatch.notices import tell_of_step
from instructors.models import Instructor

_AROUND = ("session__course", "session__venue", "session__training_class__school")


def lock_letter(letter_id: int, stages: Collection[LetterStage]) -> BookingLetter:
    """The letter, locked, if it is in one of `stages`. Raises BookingError.

    Rows that refer to it do not wait: a session that changes makes some, with its class locked.
    """
    rows = BookingLetter.objects.select_related("school", "venue", "training_class")
    letter = rows.select_for_update(of=("self",), no_key=True).filter(pk=letter_id).first()
    if letter is None:
        raise BookingError(_("This letter is not there any more."))
    if letter.stage not in stages:
        stage = letter.get_stage_display()
        text = _("The letter is “%(stage)s” by now, so this is not possible any more.")
        raise BookingError(text % {"stage": stage})
    return letter


def lock_letter_of_class(training_class_id: int) -> None:
    """Lock the letter that a class came from, if any, before the class is locked."""
    rows = BookingLetter.objects.filter(training_class=training_class_id)
    rows.select_for_update(of=("self",), no_key=True).first()


def lock_to_answer(engagement_id: int) -> None:
    """Lock what comes before an engagement: its letter, and of a class session and lecturer."""
    letters = BookingLetter.objects.filter(engagements=engagement_id)
    letters.select_for_update(of=("self",), no_key=True).first()
    rows = Engagement.objects.select_related("instructor", *_AROUND)
    engagement = rows.filter(pk=engagement_id, session__isnull=False).first()
    if engagement is not None and engagement.session is not None:
        lock_session(engagement.session)
        if engagement.instructor is not None:
            lock_row(engagement.instructor, no_key=True)


def lock_session(session: Session) -> None:
    """Lock a session and what is around it, as all who change it do before its engagement."""
    lock_row(session.course, no_key=True)
    lock_around(session)
    lock_row(session)


def take_step(
    letter: BookingLetter,
    stage: LetterStage,
    *,
    act: str,
    by: Actor,
    at: datetime,
    word: str = "",
    rating: int | None = None,
    changes: Sequence[Change] = (),
    warnings: Sequence[str] = (),
    facts: Facts | None = None,
) -> None:
    """Bring the locked letter to `stage` with what was said, and enter the act in the trail.

    With an answer come its `changes`; `warnings` are in the words of the checks.
    """
    word = word.strip()
    if not word and stage in _WORDED:
        raise BookingError(_("Say why; the other side reads it."), field="reason")
    before = {"stage": letter.stage}
    letter.stage = stage
    letter.save()
    step = BookingStep.objects.create(
        letter=letter,
        stage=stage,
        word=word,
        rating=rating,
        changes=list(changes),
        warnings=[text[:500] for text in warnings],
        taken_at=at,
        taken_by=by.user,
    )
    tell_of_step(step, at=at)
    record_act(
        act=act,
        obj=letter,
        by=by,
        at=at,
        school_code=letter.school.code,
        before=before,
        after={
            "stage": stage,
            **({"reason": word} if word else {}),
            **({"warnings": list(warnings)} if warnings else {}),
            **(facts or {}),
        },
    )


_WORDED = {
    LetterStage.INQUIRY,
    LetterStage.ANSWERED,
    LetterStage.DECLINED,
    LetterStage.CANCELLED,
}


def name_lecturer(
    session: Session, instructor: Instructor | None, *, by: Actor, at: datetime
) -> None:
    """Give a session of a class its lecturer, or none. Raises EngagementError.

    Why the school took the former one says nothing of the next.
    """
    session.instructor = instructor
    session.lecturer_reason = ""
    names = ["instructor", "lecturer_reason"]
    code = session.training_class.school.code
    try:
        save_session(obj=session, by=by, at=at, fields=names, school_code=code)
    except RecordError as error:
        raise EngagementError(error.message) from error
