"""The lists of this app as files, with their columns."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_base import IN_FORCE
from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, Role
from accounts.roles import holds_any
from backstage.admin_exports import admin_export
from backstage.exports import ExportColumn, ListExport
from config.lib.filters import Filters, ListRequest
from config.lib.periods import last_day
from config.lib.spreadsheet_writing import Kind
from config.lib.telephones import format_telephone
from schools.models import RoleGrant, School
from schools.queries.schools import list_schools


def _rows(asked: ListRequest, _filters: Filters) -> QuerySet[School]:
    return list_schools(asked.user, asked.today)


NETWORK = ListExport(
    "network",
    gettext_lazy("Schools"),
    "schools:schools",
    lambda user: holds_any(user, *SCHOOL_ROLES, *DISTRICT_ROLES),
    lambda _asked: Filters([]),
    _rows,
    (
        ExportColumn(gettext_lazy("Code"), lambda row: row.code, width=12),
        ExportColumn(gettext_lazy("School"), lambda row: row.name, width=24),
        ExportColumn(
            gettext_lazy("Townships"),
            lambda row: _(", ").join(area.township.name for area in row.areas_today),
            width=28,
        ),
        ExportColumn(
            gettext_lazy("Officers"),
            lambda row: _("; ").join(
                f"{officer.get_office_display()} {officer.name}" for officer in row.officers_today
            ),
            width=36,
        ),
        ExportColumn(
            gettext_lazy("Liaison officers"),
            lambda row: _(", ").join(grant.user.display_name for grant in row.liaison_today),
            width=20,
        ),
        ExportColumn(gettext_lazy("Office"), lambda row: row.office, width=20),
        # The telephone of the office, which the list shows too.
        ExportColumn(gettext_lazy("Telephone"), lambda row: format_telephone(row.telephone)),
        ExportColumn(gettext_lazy("Postal address"), lambda row: row.address, width=32),
        ExportColumn(gettext_lazy("Signature"), lambda row: row.signature, width=16),
        ExportColumn(gettext_lazy("First day"), lambda row: row.period.lower, Kind.DATE, 12),
        ExportColumn(gettext_lazy("Last day"), lambda row: last_day(row.period), Kind.DATE, 12),
    ),
)


def school_names() -> dict[str, str]:
    """The names of all schools, by key."""
    return {str(school.pk): school.name for school in School.objects.all()}


GRANTS = admin_export(
    "role-grants",
    RoleGrant,
    {
        "role__exact": (
            gettext_lazy("role"),
            lambda: {value: str(label) for value, label in Role.choices},
        ),
        "school__id__exact": (gettext_lazy("school"), school_names),
        "in_force": (
            gettext_lazy("in force"),
            lambda: {value: str(label) for value, label in IN_FORCE.items()},
        ),
    },
    (
        ExportColumn(gettext_lazy("Sign-in name"), lambda row: row.user.username, width=20),
        ExportColumn(gettext_lazy("Name"), lambda row: row.user.display_name, width=14),
        ExportColumn(gettext_lazy("Role"), lambda row: row.get_role_display(), width=20),
        ExportColumn(gettext_lazy("School"), lambda row: str(row.school or ""), width=24),
        ExportColumn(
            gettext_lazy("Party organisation"), lambda row: str(row.organisation or ""), width=32
        ),
        ExportColumn(gettext_lazy("channel"), lambda row: row.get_channel_display(), width=14),
        ExportColumn(gettext_lazy("First day"), lambda row: row.period.lower, Kind.DATE, 12),
        ExportColumn(gettext_lazy("Last day"), lambda row: last_day(row.period), Kind.DATE, 12),
    ),
)

EXPORTS_OF_SCHOOLS = (NETWORK, GRANTS)
