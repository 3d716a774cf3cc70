"""A user's own jobs as a file."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from backstage.exports import ExportColumn, ListExport
from backstage.jobs import kind_of
from backstage.models import Job
from config.lib.filters import Filters, ListRequest
from config.lib.spreadsheet_writing import Kind


def list_jobs(asked: ListRequest, _filters: Filters) -> QuerySet[Job]:
    """The jobs that the user ordered, newest first."""
    return Job.objects.visible_to(asked.user).select_related("file")


JOBS = ListExport(
    "jobs",
    _("My jobs"),
    "backstage:jobs",
    lambda _user: True,
    lambda _asked: Filters([]),
    list_jobs,
    (
        ExportColumn(_("Job"), lambda row: str(kind_of(row).label(row)), width=36),
        ExportColumn(_("State"), lambda row: row.get_state_display(), width=12),
        ExportColumn(_("Asked at"), lambda row: row.asked_at, Kind.MOMENT, 17),
        ExportColumn(_("File"), lambda row: row.file.name if row.file else "", width=36),
    ),
)
