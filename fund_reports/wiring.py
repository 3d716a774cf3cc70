"""Registers the figures of the money with the registries of the apps below."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.enums import DISTRICT_ROLES, MONEY_ROLES, SCHOOL_ROLES
from backstage.exports import register_export, register_filter, word_from
from backstage.menu import stand_below
from backstage.tasklist import register_lookup
from config.lib.pages import register_pages
from fund_reports.enums import Figure
from fund_reports.exports import EXPORTS
from fund_reports.filters import month_in_words
from funding.enums import Purpose
from schools.enums import FundingChannel

_READERS = SCHOOL_ROLES | DISTRICT_ROLES | MONEY_ROLES


def register() -> None:
    """Register everything."""
    register_pages(
        {
            "fund_figures": "fund_reports:figures",
            "fund_account": "fund_reports:account",
            "audit_paper": "fund_reports:audit_pdf",
        }
    )
    stand_below("funding:funds", app="fund_reports")
    register_lookup(
        _("Budget, commitments and payments"), "fund_reports:figures", _READERS, rank=246
    )
    register_lookup(_("What classes cost"), "fund_reports:costs", _READERS, rank=247)
    for export in EXPORTS:
        register_export(export)
    figures = word_from(Figure.choices)
    register_filter("figure", pgettext_lazy("of money", "Figure"), figures, rank=118)
    register_filter("purpose", _("Purpose"), word_from(Purpose.choices), rank=119)
    register_filter("fund_channel", _("Channel"), word_from(FundingChannel.choices), rank=120)
    register_filter("audit", _("Audit"), rank=121)
    register_filter("fund_month", _("Month"), month_in_words, rank=122)
