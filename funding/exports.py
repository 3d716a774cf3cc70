"""Exports of this app's lists: the columns of each file."""

from __future__ import annotations

from operator import attrgetter

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backstage.exports import ExportColumn, ListExport, number_column
from config.lib.filters import Filters, ListRequest
from config.lib.spreadsheet_writing import Kind
from funding.filters import proposal_filters
from funding.permissions import allocates
from funding.queries.proposals import Proposal, propose_allocations


def _list_proposals(asked: ListRequest, filters: Filters) -> list[Proposal]:
    year = int(filters.value("year") or asked.today.year)
    return [one for made in propose_allocations(year, asked.now) for one in made.proposals]


def _amount(header: str | Promise, place: int) -> ExportColumn:
    return ExportColumn(header, lambda row: row.parts[place], Kind.HOURS, 14)


PROPOSALS = ListExport(
    "proposals",
    _("Proposed allocations"),
    "funding:proposals",
    allocates,
    proposal_filters,
    _list_proposals,
    (
        ExportColumn(_("School"), attrgetter("school.name"), width=24),
        ExportColumn(_("Channel"), lambda row: row.rule.get_channel_display()),
        ExportColumn(_("Purpose"), lambda row: row.rule.get_purpose_display()),
        _amount(_("base amount (yuan)"), 0),
        number_column(_("Venues"), "basis.venues"),
        _amount(_("for venues (yuan)"), 1),
        number_column(_("Members"), "basis.members"),
        _amount(_("for members (yuan)"), 2),
        ExportColumn(_("Person-hours of the year before"), attrgetter("basis.hours"), Kind.HOURS),
        _amount(_("for person-hours (yuan)"), 3),
        ExportColumn(_("Proposed (yuan)"), attrgetter("amount"), Kind.HOURS),
        ExportColumn(_("Granted already (yuan)"), attrgetter("given"), Kind.HOURS),
        ExportColumn(_("Source"), attrgetter("rule.source"), width=30),
    ),
)
