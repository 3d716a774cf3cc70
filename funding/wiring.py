"""Registers the money with the registries of the apps below."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.enums import DISTRICT_ROLES, MONEY_ROLES, SCHOOL_ROLES
from accounts.trail import register_fact
from backstage.exports import register_export, word_from
from backstage.menu import MenuLink, register_link, stand_below
from backstage.parts import Part, register_part
from backstage.tasklist import register_lookup, register_tasks
from funding.audit_notices import register_notices
from funding.blockers import register_blockers
from funding.enums import ExceptionOutcome, Purpose, VoucherKind
from funding.exports import PROPOSALS
from funding.models import Allocation, Commitment, FundTransaction
from funding.queries.audits import audit_tasks
from funding.queries.class_money import read_class_part
from funding.queries.fund_check import CHECKS
from funding.queries.segregation import segregation_tasks
from funding.queries.tasks import fund_tasks
from hours.source_kinds import register_checks
from schools.enums import FundingChannel

_READERS = SCHOOL_ROLES | DISTRICT_ROLES | MONEY_ROLES


def register() -> None:
    """Register everything."""
    register_checks(CHECKS)
    register_notices()
    register_blockers()
    register_tasks(fund_tasks, rank=36)
    register_tasks(segregation_tasks, rank=37)
    register_tasks(audit_tasks, rank=38)
    register_link(MenuLink(_("Funds"), "funding:funds", 47, _READERS))
    stand_below("funding:funds", app="funding")
    register_lookup(_("Funds of the schools"), "funding:funds", _READERS, rank=242)
    register_lookup(_("Costs and payments"), "funding:commitments", _READERS, rank=243)
    register_lookup(_("Classes without money"), "funding:classes", _READERS, rank=245)
    register_part(Part("class", "funding/class_part.html", read_class_part))
    register_lookup(_("Special audits"), "funding:audits", _READERS, rank=244)
    register_export(PROPOSALS)
    of = Allocation._meta.label_lower
    register_fact("proposed", _("proposed by the calculator (yuan)"), of=of)
    for model in (Allocation, Commitment, FundTransaction):
        of = model._meta.label_lower
        register_fact("amount", _("amount (yuan)"), of=of)
        register_fact("reason", _("reason"), of=of)
    register_fact(
        "voucher",
        _("kind of voucher"),
        word_from(VoucherKind.choices),
        of=Commitment._meta.label_lower,
    )
    of = Commitment._meta.label_lower
    register_fact("outcome", _("outcome"), word_from(ExceptionOutcome.choices), of=of)
    posted = FundTransaction._meta.label_lower
    register_fact("year", _("year"), of=posted)
    register_fact("channel", _("channel"), word_from(FundingChannel.choices), of=posted)
    register_fact("purpose", _("purpose"), word_from(Purpose.choices), of=posted)
