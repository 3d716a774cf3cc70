"""What the lecturers of a form say about the time that it has so far."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import User
from accounts.records import RecordError
from config.lib.type_ahead import ask_again, said_so_far
from courses.actions import list_meetings
from courses.class_forms import ClassSessionForm, PlanForm
from courses.models import Course, Session
from dispatch.queries.lecturer_remarks import list_remarks, slot_of


def remark_for_plan(form: PlanForm, reader: User) -> None:
    """Say who is not free for the sessions of the class, and ask again when they change."""
    field = form.fields["instructor"]
    courses = [name for name in form.fields if name.startswith("course")]
    names = ["school", "preset", "first_day", "begins_at", *courses]
    school, preset, first_day, begins_at = (said_so_far(form, name) for name in names[:4])
    ask_again(field, reverse("classes:lecturers_for_plan"), names)
    if not (school and preset and first_day):
        return
    chosen = [course for name in courses if (course := said_so_far(form, name))]
    try:
        meetings = list_meetings(
            preset=preset,
            courses=chosen or [Course()],
            first_day=first_day,
            begins_at=begins_at,
        )
    except RecordError:
        return
    field.widget.remarks = list_remarks(
        [slot_of(school, one.course, one.starts_at, one.ends_at, one.hours) for one in meetings],
        reader,
    )


def remark_for_session(form: ClassSessionForm, session: Session, reader: User) -> None:
    """Say who is not free for a session at the time that the form has, and ask again."""
    field = form.fields["instructor"]
    names = ["course", "starts_at", "ends_at", "hours"]
    course, starts_at, ends_at, hours = (said_so_far(form, name) for name in names)
    ask_again(field, reverse("classes:lecturers_for_session", args=[session.pk]), names)
    if starts_at and ends_at and starts_at < ends_at:
        school = session.training_class.school
        slot = slot_of(school, course, starts_at, ends_at, hours or session.hours)
        field.widget.remarks = list_remarks([slot], reader, session)
