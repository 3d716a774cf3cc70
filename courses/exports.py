"""Exports of this app's lists: the columns of each file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES
from accounts.roles import holds_any
from backstage.exports import ExportColumn, ListExport
from config.lib.filters import Filters, ListRequest, choose, yes_or_no
from config.lib.periods import last_day
from config.lib.spreadsheet_writing import Kind
from config.lib.telephones import format_telephone
from courses import lists
from courses.filters import menu_filters
from courses.models import Course, Venue
from schools.models import School


def _filters(asked: ListRequest) -> Filters:
    """The school that the page is about."""
    schools = School.objects.visible_to(asked.user, asked.today)
    names = {str(school.pk): school.name for school in schools}
    school = choose(asked, "school", _("School"), names, any_label=_("all schools"))
    return Filters([replace(school, audit_text=school.words)])


def _rows(asked: ListRequest, filters: Filters) -> QuerySet[Venue]:
    venues = Venue.objects.visible_to(asked.user, asked.today).select_related("school")
    if filters.value("school"):
        venues = venues.filter(school=filters.value("school"))
    return venues.prefetch_related("equipment")


def _equipment(venue: Venue) -> str:
    """The equipment of a venue, with the count if there are several of a kind."""
    return _(", ").join(
        f"{item.get_kind_display()} × {item.count}" if item.count > 1 else item.get_kind_display()
        for item in venue.equipment.all()
    )


def _audiences(course: Course) -> str:
    return _(", ").join(course.audience_words) or _("everybody")


def _sees_schools(user: Any) -> bool:
    return holds_any(user, *SCHOOL_ROLES, *DISTRICT_ROLES)


MENU = ListExport(
    "menu",
    gettext_lazy("Menu of courses"),
    "courses:menu",
    _sees_schools,
    menu_filters,
    lists.menu,
    (
        ExportColumn(gettext_lazy("Code"), lambda row: row.code, width=12),
        ExportColumn(gettext_lazy("Course"), lambda row: row.title, width=36),
        ExportColumn(gettext_lazy("Module"), lambda row: row.module.name, width=14),
        ExportColumn(gettext_lazy("Strand"), lambda row: row.get_strand_display(), width=14),
        ExportColumn(gettext_lazy("credit hours"), lambda row: row.hours, Kind.HOURS, 10),
        ExportColumn(
            gettext_lazy("Format"), lambda row: row.get_format_display() or _("any format")
        ),
        ExportColumn(gettext_lazy("Audiences"), _audiences, width=28),
        ExportColumn(
            gettext_lazy("Tasks of the regulation that it serves"),
            lambda row: _("; ").join(row.task_words),
            width=40,
        ),
        ExportColumn(gettext_lazy("premium course"), lambda row: yes_or_no(row.is_premium)),
        ExportColumn(gettext_lazy("elective"), lambda row: yes_or_no(row.is_elective)),
        ExportColumn(gettext_lazy("Lecturers"), lambda row: row.lecturers, Kind.NUMBER, 10),
        ExportColumn(gettext_lazy("First day"), lambda row: row.period.lower, Kind.DATE, 12),
        ExportColumn(gettext_lazy("Last day"), lambda row: last_day(row.period), Kind.DATE, 12),
    ),
)
VENUES = ListExport(
    "venues",
    gettext_lazy("Venues and teaching points"),
    "schools:schools",
    _sees_schools,
    _filters,
    _rows,
    (
        ExportColumn(gettext_lazy("School"), lambda row: row.school.name, width=24),
        ExportColumn(gettext_lazy("Venue"), lambda row: row.name, width=28),
        ExportColumn(gettext_lazy("Kind"), lambda row: row.get_kind_display(), width=16),
        ExportColumn(gettext_lazy("Capacity"), lambda row: row.capacity, Kind.NUMBER, 10),
        ExportColumn(gettext_lazy("Equipment"), _equipment, width=36),
        ExportColumn(gettext_lazy("Postal address"), lambda row: row.address, width=32),
        ExportColumn(gettext_lazy("contact person"), lambda row: row.contact, width=14),
        # The venue's number, which the page shows as well.
        ExportColumn(gettext_lazy("Telephone"), lambda row: format_telephone(row.telephone)),
        ExportColumn(gettext_lazy("First day"), lambda row: row.period.lower, Kind.DATE, 12),
        ExportColumn(gettext_lazy("Last day"), lambda row: last_day(row.period), Kind.DATE, 12),
    ),
)
