"""Registers the annual report and the statistics sheets with the registries below."""

from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES
from accounts.trail import register_fact
from backstage.exports import register_export, register_filter, word_from
from backstage.jobs import register_kind
from backstage.menu import stand_below
from backstage.tasklist import register_lookup
from config.lib.pages import register_pages
from courses.enums import Format
from reports.report_exports import EXPORTS_OF_REPORT
from reports.sheet_job import FILLING
from reports.sheet_lists import EXPORTS_OF_SHEETS
from reports.sheets.words import SOURCES

_STAFF = SCHOOL_ROLES | DISTRICT_ROLES
_FACTS = {
    "run": _("run"),
    "layout": _("layout"),
    "words": _("words"),
    "digest": _("SHA-256"),
    "cells": _("cells filled in"),
    "first": _("first day"),
    "last": _("last day"),
}


def register() -> None:
    """Register everything this app provides."""
    register_pages({"annual_report": "reports:report"})
    stand_below("years:overview", app="reports")
    register_lookup(_("Annual report"), "reports:report", _STAFF, rank=231)
    register_lookup(_("Statistics sheets"), "reports:statistics", _STAFF, rank=241)
    for export in (*EXPORTS_OF_REPORT, *EXPORTS_OF_SHEETS):
        register_export(export)
    register_kind(FILLING)
    for name, label in _FACTS.items():
        register_fact(name, label)
    register_filter(
        "source", pgettext_lazy("of a session", "Source"), word_from(SOURCES.items()), rank=111
    )
    register_filter("format", _("Format"), word_from(Format.choices), rank=112)
    register_filter("programme", _("Programme"), rank=114)
    months = word_from((str(month), name) for month, name in MONTHS.items())
    register_filter("month", _("Month"), months, rank=116)
