"""A special audit on paper."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from config.lib.filters import ListRequest
from fund_reports.audit_lines import list_audit_lines
from fund_reports.papers import write_audit
from fund_reports.views.asking import print_paper
from funding.permissions import fund_page
from funding.queries.audits import list_audits


@require_safe
@fund_page
def audit_pdf(request: PersonRequest, audit_id: int) -> HttpResponse:
    """What the person sees of an audit: scope, draw, sample, findings, answers, conclusion."""
    asked = ListRequest(request.user, {}, request.now)
    seen = list_audits(asked.user, asked.today).select_related("opened_by", "closure__closed_by")
    found = get_object_or_404(seen, pk=audit_id)
    return print_paper(
        request,
        write_audit(found, list_audit_lines(found, asked.user, asked.today), asked),
        back=reverse("funding:audit", args=[found.pk]),
        narrowed={"audit": found.title},
    )
