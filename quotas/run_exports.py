"""The lists about a reconciliation as files."""

from __future__ import annotations

from operator import attrgetter

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from backstage.exports import ExportColumn, ListExport, number_column, register_export
from config.lib.spreadsheet_writing import Kind
from quotas import run_lists
from quotas.models import MemberResult
from quotas.reasons import VERDICTS, explain
from quotas.run_filters import (
    claim_difference_filters,
    difference_filters,
    result_filters,
    sum_filters,
)
from schools.filters import OUTSIDE_AREAS
from schools.permissions import sees_schools

_HOURS = (
    ("done", _("Done")),
    ("concentrated", _("Concentrated training")),
    ("collective", _("Collective study")),
    ("other", _("Other study")),
)


def _school(row: MemberResult) -> str:
    return row.school.name if row.school else str(OUTSIDE_AREAS)


RESULTS = ListExport(
    "member-results",
    _("Results of members"),
    "quotas:results",
    sees_schools,
    result_filters,
    run_lists.results,
    (
        ExportColumn(_("Name"), lambda row: row.member.name, width=14),
        ExportColumn(_("Member number"), lambda row: row.member.number, width=14),
        ExportColumn(_("Party organisation"), lambda row: row.organisation.name, width=32),
        ExportColumn(_("School"), _school, width=24),
        ExportColumn(_("Audience"), lambda row: row.get_audience_display(), width=14),
        ExportColumn(_("Verdict"), lambda row: str(VERDICTS[row.verdict]), width=14),
        ExportColumn(_("Owed"), attrgetter("owes"), Kind.HOURS, 10),
        *(ExportColumn(label, attrgetter(name), Kind.HOURS, 10) for name, label in _HOURS),
        number_column(_("Trainings owed"), "trainings"),
        number_column(_("Trainings attended"), "trained"),
        ExportColumn(_("Reason"), explain, width=60),
    ),
)

SUMS = ListExport(
    "organisation-results",
    _("Results of organisations"),
    "quotas:sums",
    sees_schools,
    sum_filters,
    run_lists.sums,
    (
        ExportColumn(_("Code"), lambda row: row.code, width=18),
        ExportColumn(_("Party organisation"), lambda row: row.name, width=32),
        number_column(_("Members"), "members"),
        number_column(_("Owe hours"), "counted"),
        number_column(_("Target met"), "met"),
        number_column(_("Not reached"), "not_met"),
        number_column(_("Exempt"), "exempt"),
        number_column(_("Not counted"), "out"),
        ExportColumn(_("Owed"), attrgetter("owed"), Kind.HOURS, 10),
        *(ExportColumn(label, attrgetter(name), Kind.HOURS, 10) for name, label in _HOURS),
    ),
)


DIFFERENCES = ListExport(
    "run-differences",
    _("Differences of two runs"),
    "quotas:differences",
    sees_schools,
    difference_filters,
    run_lists.differences,
    (
        ExportColumn(_("Name"), lambda row: row.name, width=14),
        ExportColumn(_("Member number"), lambda row: row.number, width=14),
        ExportColumn(_("In this run"), lambda row: row.said_here, width=60),
        ExportColumn(_("In the other run"), lambda row: row.said_there, width=60),
    ),
)

CLAIM_DIFFERENCES = ListExport(
    "claim-differences",
    _("Results beside the claims"),
    "quotas:claim_differences",
    sees_schools,
    claim_difference_filters,
    run_lists.claim_differences,
    (
        ExportColumn(
            _("School"),
            lambda row: row.school.name if row.school else _now("All schools"),
            width=24,
        ),
        ExportColumn(_("Measure"), lambda row: row.line.label, width=40),
        ExportColumn(_("Claimed"), lambda row: row.claimed, Kind.HOURS, 10),
        ExportColumn(_("As reconciled"), lambda row: row.result, Kind.HOURS, 10),
        ExportColumn(_("Difference"), lambda row: row.difference, Kind.HOURS, 10),
        ExportColumn(_("In figures"), lambda row: row.reason, width=60),
    ),
)


def register_run_exports() -> None:
    """Register the lists about reconciliations."""
    for export in (RESULTS, SUMS, DIFFERENCES, CLAIM_DIFFERENCES):
        register_export(export)
