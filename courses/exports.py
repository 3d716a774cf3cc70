"""Exports of this app's lists: the columns of each file."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES
from accounts.roles import holds_any
from backstage.exports import ExportColumn, ListExport
from config.lib.filters import Filters, ListRequest, choose
from config.lib.periods import last_day
from config.lib.spreadsheet_writing import Kind
from config.lib.telephones import format_telephone
from courses.models import Venue
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


VENUES = ListExport(
    "venues",
    gettext_lazy("Venues and teaching points"),
    "schools:schools",
    lambda user: holds_any(user, *SCHOOL_ROLES, *DISTRICT_ROLES),
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
