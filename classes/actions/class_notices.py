"""Notices from the clerk to the trainees of a class."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor
from classes.actions.enrolments import lock_class
from classes.errors import RosterError
from classes.models import ClassNotice
from classes.notices import take_back, tell_class


def post_notice(*, training_class_id: int, text: str, by: Actor, at: datetime) -> ClassNotice:
    """Post a notice to the trainees, who get it as a message too.

    Raises like `lock_class`, and RosterError if it is empty.
    """
    with transaction.atomic():
        training_class, user = lock_class(training_class_id, by, at)
        if not text.strip():
            raise RosterError(_("A notice says something."), field="text")
        notice = ClassNotice.objects.create(
            training_class=training_class, text=text.strip(), posted_at=at, posted_by=user
        )
        _record(notice, "post_notice", by=by, at=at)
        tell_class(notice)
    return notice


def take_notice_down(*, training_class_id: int, notice_id: int, by: Actor, at: datetime) -> None:
    """Hide a notice from trainees; it stays on record.

    Raises like `lock_class`, and ClassNotice.DoesNotExist for a notice of another class.
    """
    with transaction.atomic():
        training_class, user = lock_class(training_class_id, by, at)
        notice = ClassNotice.objects.filter(training_class=training_class).get(pk=notice_id)
        if notice.taken_down_at is None:
            notice.taken_down_at, notice.taken_down_by = at, user
            notice.save(update_fields=["taken_down_at", "taken_down_by"])
            _record(notice, "take_notice_down", by=by, at=at)
            take_back(notice, at=at)


def _record(notice: ClassNotice, act: str, *, by: Actor, at: datetime) -> None:
    record_act(
        act=act,
        obj=notice,
        by=by,
        at=at,
        school_code=notice.training_class.school.code,
        after={"text": notice.text},
    )
