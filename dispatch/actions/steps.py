"""What every act on a booking letter does: lock it, check its stage, and record the step."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.audit import Facts, record_act
from accounts.origin import Actor
from accounts.records import RecordError
from courses.models import Session
from courses.records import save_session
from dispatch.enums import LetterStage
from dispatch.errors import BookingError, EngagementError
from dispatch.models import BookingLetter, BookingStep
from dispatch.notices import tell_of_step
from instructors.models import Instructor


def lock_letter(letter_id: int, stages: Collection[LetterStage]) -> BookingLetter:
    """The letter, locked, if it is in one of `stages`. Raises BookingError."""
    rows = BookingLetter.objects.select_related("school", "venue", "training_class")
    letter = rows.select_for_update(of=("self",)).filter(pk=letter_id).first()
    if letter is None:
        raise BookingError(_("This letter is not there any more."))
    if letter.stage not in stages:
        stage = letter.get_stage_display()
        text = _("The letter is “%(stage)s” by now, so this is not possible any more.")
        raise BookingError(text % {"stage": stage})
    return letter


def take_step(
    letter: BookingLetter,
    stage: LetterStage,
    *,
    act: str,
    by: Actor,
    at: datetime,
    word: str = "",
    rating: int | None = None,
    facts: Facts | None = None,
) -> None:
    """Bring the locked letter to `stage` with what was said, and enter the act in the trail."""
    word = word.strip()
    if not word and stage in _WORDED:
        raise BookingError(_("Say why; the other side reads it."), field="reason")
    before = {"stage": letter.stage}
    letter.stage = stage
    letter.save()
    step = BookingStep.objects.create(
        letter=letter, stage=stage, word=word, rating=rating, taken_at=at, taken_by=by.user
    )
    tell_of_step(step, at=at)
    record_act(
        act=act,
        obj=letter,
        by=by,
        at=at,
        school_code=letter.school.code,
        before=before,
        after={"stage": stage, **({"reason": word} if word else {}), **(facts or {})},
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
    """Give a session of a class its lecturer, or none. Raises EngagementError."""
    session.instructor = instructor
    code = session.training_class.school.code
    try:
        save_session(obj=session, by=by, at=at, fields=["instructor"], school_code=code)
    except RecordError as error:
        raise EngagementError(error.message) from error
