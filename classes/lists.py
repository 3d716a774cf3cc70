"""Lists of this app: the rows that a user may see, narrowed by filters.

A page shows them in parts, an export shows all of them.
"""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from accounts.models import User
from classes.models import SupervisionNote
from classes.queries.lecturers import LecturerLines, with_courses
from config.lib.filters import Filters, ListRequest
from config.lib.name_search import name_aliases
from courses.models import Session
from courses.querysets import SessionQuerySet
from hours.queries.members import BY_ORGANISATION, MemberLines
from instructors.models import Instructor
from instructors.queries.rules import warned_until
from schools.filters import chosen_organisation


def supervision_notes(asked: ListRequest, filters: Filters) -> QuerySet:
    """Current versions of supervision notes, latest session first."""
    rows = SupervisionNote.objects.visible_to(asked.user, asked.today).current()
    return (
        filters.apply(rows)
        .select_related("session__training_class__school", "session__course", "supervisor")
        .order_by("-session__held_on", "-session__starts_at", "-id")
    )


def roster_candidates(asked: ListRequest, filters: Filters, school_ids: list[int]) -> MemberLines:
    """Members of these schools whom a class could take."""
    return MemberLines(
        school_ids=school_ids,
        year=asked.today.year,
        on=asked.today,
        outcome=filters.value("outcome"),
        text=filters.value("q"),
        audience=filters.value("audience"),
        organisation_ids=chosen_organisation(filters).ids,
        order=BY_ORGANISATION,
    )


def lecturers(asked: ListRequest, filters: Filters) -> LecturerLines:
    """Lecturers by name, never by load or feedback, because persons are not ranked."""
    on = asked.today
    known = Instructor.objects.known_to(asked.user, on).alias(**name_aliases())
    rows = filters.apply(known.with_letter_standing(on, warned_until(on)))
    shown = with_courses(rows.select_related("home_township", "nominated_by"), on)
    return LecturerLines(shown.order_by("name_pinyin", "pk"), int(filters.value("year")))


def sessions_of_lecturer(
    asked: ListRequest, filters: Filters, lecturer: Instructor
) -> SessionQuerySet:
    """Sessions of a lecturer that the person sees, in order."""
    rows = filters.apply(in_sight(asked.user, asked.today, lecturer))
    related = rows.select_related("training_class__school", "course", "venue")
    return related.order_by("starts_at", "pk")


def in_sight(user: User, on: date, lecturer: Instructor) -> SessionQuerySet:
    """Sessions of a lecturer that `user` sees; one's own are all in sight."""
    sessions = Session.objects.filter(instructor=lecturer)
    return sessions if lecturer.user_id == user.pk else sessions.visible_to(user, on)
