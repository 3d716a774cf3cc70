"""A special audit in lines, for its paper and its workbook: scope, draw, sample, findings, end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from config.lib.dates import format_day
from config.lib.period_forms import describe_period
from funding.amounts import format_amount
from funding.models import AuditedPayment, AuditFinding, SpecialAudit
from funding.queries.audits import list_sample, sees_whole
from funding.queries.populations import draw_again


@dataclass(frozen=True)
class AuditLine:
    """A line of an audit: its part, what it is about, an amount (yuan), and who said what when."""

    part: str
    what: str
    text: str = ""
    amount: Decimal | None = None
    who: str = ""
    at: datetime | None = None


def list_audit_lines(audit: SpecialAudit, user: User, on: date) -> list[AuditLine]:
    """All that `user` sees of an audit; how the sample was drawn, only if that is all of it."""
    sample = list(list_sample(audit, user, on))
    lines = list(_say_scope(audit, user, on))
    if sees_whole(audit, user, on):
        lines += _say_draw(audit, sample)
    lines += [
        AuditLine(
            _("Sample"),
            f"{one.payment.school.name} · {one.payment.get_channel_display()} {one.payment.number}",
            f"{one.payment.commitment} · {one.get_basis_display()}",
            one.amount,
            str(one.payment.posted_by or ""),
            one.payment.posted_at,
        )
        for one in sample
    ]
    for one in sample:
        for finding in one.findings.all():
            lines += _say_finding(one, finding)
    closure = getattr(audit, "closure", None)
    if closure is not None:
        end = (str(closure.closed_by), closure.closed_at)
        lines.append(AuditLine(_("Conclusion"), audit.title, closure.conclusion, None, *end))
    return lines


def _say_scope(audit: SpecialAudit, user: User, on: date) -> Iterator[AuditLine]:
    part = _("Scope")
    opened = (str(audit.opened_by), audit.opened_at)
    yield AuditLine(part, _("Days of payment"), describe_period(audit.period), None, *opened)
    for fund in audit.funds.visible_to(user, on).select_related("school"):
        yield AuditLine(part, fund.school.name, fund.get_channel_display())


def _say_draw(audit: SpecialAudit, sample: list[AuditedPayment]) -> Iterator[AuditLine]:
    part = _("How the sample was drawn")
    kept = {one.payment_id: one.basis for one in sample}
    is_same = kept == {key: basis.value for key, basis in draw_again(audit).items()}
    count = _("%(n)d payments") % {"n": audit.population_size}
    yield AuditLine(part, _("Population"), count, audit.population_sum)
    yield AuditLine(part, _("Ledger up to transaction"), str(audit.last_transaction_id))
    yield AuditLine(part, _("Method"), str(audit.get_method_display()))
    yield AuditLine(part, _("Payments to draw"), str(audit.sample_size))
    if audit.threshold:
        yield AuditLine(part, _("Always in above (yuan)"), format_amount(audit.threshold))
    yield AuditLine(part, _("Seed"), audit.seed)
    same, other = _("the same payments"), _("other payments")
    yield AuditLine(part, _("Drawn again for this paper"), same if is_same else other)


def _say_finding(sampled: AuditedPayment, finding: AuditFinding) -> Iterator[AuditLine]:
    part = _("Findings")
    due = _("answer by %(day)s") % {"day": format_day(finding.due_on)}
    yield AuditLine(
        part,
        f"{finding.get_severity_display()} · {sampled.payment.commitment} · {due}",
        finding.text,
        sampled.amount,
        str(finding.raised_by),
        finding.raised_at,
    )
    for answer in finding.answers.all():
        said = (str(answer.answered_by), answer.answered_at)
        yield AuditLine(part, pgettext("of a finding", "answer"), answer.text, None, *said)
        review = getattr(answer, "review", None)
        if review is not None:
            outcome = str(review.get_outcome_display())
            decided = (str(review.reviewed_by), review.reviewed_at)
            yield AuditLine(part, outcome, review.reason, None, *decided)
