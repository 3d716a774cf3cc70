"""The calendar: a week or a month of a school, a venue, a lecturer, or all schools in sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import page_for
from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, Role
from accounts.models import User
from accounts.requests import PersonRequest
from accounts.roles import holds_any
from classes.filters import MONTH, VIEW_LABELS, WEEK, calendar_filters
from classes.queries.calendar import CalendarDay, Subject, list_calendar
from config.lib.dates import format_day, format_month
from config.lib.filters import Filters, ListRequest
from config.lib.weeks import first_of_month, list_days, list_month, monday_of, weeks_from
from courses.models import Venue
from courses.permissions import plans_classes
from dispatch.permissions import books_for, schools_booked_for
from instructors.models import Instructor
from schools.models import School


@dataclass(frozen=True)
class ShownDay:
    """A day with the links to plan a class and to book one on it, empty where nobody may."""

    on: CalendarDay
    plan: str
    book: str
    week: str
    is_outside: bool


@require_safe
@page_for(*SCHOOL_ROLES, *DISTRICT_ROLES, Role.LECTURER)
def calendar(request: PersonRequest) -> HttpResponse:
    """Sessions, engagements and wishes of a week or a month, with links to plan on a free day."""
    user = request.user
    asked = ListRequest(user, request.GET, request.now)
    filters = calendar_filters(asked)
    subject = _subject_of(filters)
    chosen = date.fromisoformat(filters.value("day")) if filters.value("day") else asked.today
    is_month = filters.value("view") == MONTH
    days = list_month(chosen) if is_month else list_days(monday_of(chosen))
    shown = list_calendar(user, subject, days, asked.now)
    acts = _acts(user, subject, asked.today)
    context = {
        "days": [
            ShownDay(
                one,
                plan=_act(acts.get("plan"), "first_day", one),
                # A letter wishes for days after the one on which it is written.
                book=_act(acts.get("book"), "day_1", one) if one.day > asked.today else "",
                week=_address(filters, one.day, WEEK) if is_month else "",
                is_outside=is_month and one.day.month != chosen.month,
            )
            for one in shown
        ],
        "is_empty": not any(one.items for one in shown),
        "subject": subject,
        "subject_words": _name(subject),
        "span": format_month(chosen) if is_month else _span(days),
        "is_month": is_month,
        "filters": filters,
        "today": asked.today,
        **_links(filters, chosen, is_month=is_month),
    }
    return render(request, "classes/calendar.html", context)


def _subject_of(filters: Filters) -> Subject:
    """What the filters choose; they offer only what the person may see."""

    def find(rows: Any, name: str) -> Any:
        return rows.filter(pk=filters.value(name)).first() if filters.value(name) else None

    venue = find(Venue.objects.select_related("school"), "venue")
    school = venue.school if venue else find(School.objects.all(), "school")
    return Subject(school, venue, find(Instructor.objects.all(), "lecturer"))


def _name(subject: Subject) -> str:
    """Whose calendar it is, in words."""
    names = [str(row) for row in (subject.venue, subject.lecturer) if row is not None]
    if subject.venue is not None:
        names.insert(0, subject.venue.school.name)
    if not names and subject.school is not None:
        names = [subject.school.name]
    return " · ".join(names) or _("all schools")


def _span(days: Sequence[date]) -> str:
    return f"{format_day(days[0])} – {format_day(days[-1])}"


def _links(filters: Filters, chosen: date, *, is_month: bool) -> dict[str, Any]:
    """The way to the time before and after, to today, and to week or month."""
    view = MONTH if is_month else WEEK
    before = first_of_month(chosen, -1) if is_month else weeks_from(monday_of(chosen), -1)
    after = first_of_month(chosen, 1) if is_month else weeks_from(monday_of(chosen), 1)
    return {
        "before": _address(filters, before, view),
        "after": _address(filters, after, view),
        "now_address": _address(filters, None, view) + "#today",
        "views": [
            {"label": label, "url": _address(filters, chosen, name), "is_current": name == view}
            for name, label in VIEW_LABELS.items()
        ],
    }


def _address(filters: Filters, day: date | None, view: str) -> str:
    of_day = {"day": day.isoformat() if day else "", "view": view if view != WEEK else ""}
    asked = {**filters.query, **of_day}
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def _acts(user: User, subject: Subject, on: date) -> dict[str, str]:
    """The addresses by which the person plans a class or books one, without the day."""
    chosen = {"school": subject.school, "venue": subject.venue}
    acts = {}
    if _may_plan(user, subject.school, on):
        wanted = {**chosen, "instructor": subject.lecturer}
        acts["plan"] = _with_keys(reverse("classes:plan_class"), wanted)
    if _may_book(user, subject.school, on):
        wanted = {**chosen, "preferred_instructor": subject.lecturer}
        acts["book"] = _with_keys(reverse("dispatch:write_letter"), wanted)
    return acts


def _may_plan(user: User, school: School | None, on: date) -> bool:
    """Whether the person plans classes at the school, or at any where none is chosen."""
    if school is not None:
        return plans_classes(user, school.pk, on)
    return holds_any(user, Role.DISTRICT_SCHOOL, Role.SCHOOL_CLERK)


def _may_book(user: User, school: School | None, on: date) -> bool:
    if school is not None:
        return books_for(user, school.pk, on)
    return schools_booked_for(user, on).exists()


def _with_keys(address: str, wanted: dict[str, Any]) -> str:
    return address + "?" + urlencode({name: row.pk for name, row in wanted.items() if row})


def _act(address: str | None, name: str, one: CalendarDay) -> str:
    """The address of an act on this day; empty where nothing may be planned on it."""
    if address is None or not one.is_open:
        return ""
    joint = "" if address.endswith("?") else "&"
    return f"{address}{joint}{urlencode({name: one.day.isoformat()})}"
