"""The lists of this app as files: what stands in which column."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES
from accounts.roles import holds_any
from backstage.exports import ExportColumn, ListExport, register_export
from config.lib.filters import Asked, Filters
from config.lib.periods import last_day
from config.lib.spreadsheet_writing import Kind
from config.lib.telephones import write_telephone
from schools.models import School
from schools.queries.schools import list_schools


def _rows(asked: Asked, _filters: Filters) -> QuerySet[School]:
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
                f"{one.get_office_display()} {one.name}" for one in row.officers_today
            ),
            width=36,
        ),
        ExportColumn(
            gettext_lazy("Liaison officers"),
            lambda row: _(", ").join(one.user.display_name for one in row.liaison_today),
            width=20,
        ),
        ExportColumn(gettext_lazy("Office"), lambda row: row.office, width=20),
        # Of the office, which the list shows as well.
        ExportColumn(gettext_lazy("Telephone"), lambda row: write_telephone(row.telephone)),
        ExportColumn(gettext_lazy("Postal address"), lambda row: row.address, width=32),
        ExportColumn(gettext_lazy("Signature"), lambda row: row.signature, width=16),
        ExportColumn(gettext_lazy("First day"), lambda row: row.period.lower, Kind.DATE, 12),
        ExportColumn(gettext_lazy("Last day"), lambda row: last_day(row.period), Kind.DATE, 12),
    ),
)


def register_exports() -> None:
    """Make the lists known to the pages that export them."""
    register_export(NETWORK)
