"""The rules of the year with their sources, and their confirmation."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.entry import page_for
from accounts.origin import Actor
from accounts.records import RecordError
from accounts.requests import PersonRequest
from backstage.founding import FOUNDERS, lead_on
from backstage.submissions import submit_once
from config.lib.methods import read_or_write
from hours.actions.rules import confirm_rules
from hours.forms import ConfirmRulesForm
from hours.queries.rules import list_credit_rules, list_requirement_rules


@read_or_write
@page_for(*FOUNDERS)
def rules(request: PersonRequest) -> HttpResponse:
    """Compare the figures with their texts, and take the mark "to be verified" off."""
    on = request.today
    form = ConfirmRulesForm(request.POST or None, on=on)

    def do() -> None:
        keys = [rule.pk for rule in form.cleaned_data["rules"]]
        confirm_rules(rule_ids=keys, by=Actor.of_request(request), at=request.now)

    def done() -> str:
        n = len(form.cleaned_data["rules"])
        return ngettext("%(n)d rule is confirmed.", "%(n)d rules are confirmed.", n) % {"n": n}

    to = reverse("hours:rules")
    if answer := submit_once(request, form, do=do, to=to, done=done, refusals=(RecordError,)):
        return answer
    context = {
        "form": form,
        "year": on.year,
        "requirements": list_requirement_rules(on),
        "credits": list_credit_rules(on),
        "next_step": lead_on(request.user, "rules", on),
        "has_marked": form.fields["rules"].queryset.exists(),  # type: ignore[attr-defined]
        "crumbs": [
            {"label": _("Home"), "url": reverse("home")},
            {"label": _("Rules of the year"), "url": ""},
        ],
    }
    return render(request, "hours/rules.html", context, status=422 if form.errors else 200)
