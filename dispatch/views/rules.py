"""The rules of booking by their days, and the form by which the academic officer sets one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from accounts.entry import page_if
from accounts.requests import PersonRequest
from backstage.submissions import submit_once
from config.lib.dates import format_day
from config.lib.hours import format_hours
from config.lib.methods import read_or_write
from config.lib.periods import first_day
from dispatch.actions.rules import set_booking_rule
from dispatch.errors import DispatchError
from dispatch.models import BookingRule
from dispatch.permissions import dispatches
from dispatch.queries.rules import find_booking_rule
from dispatch.rule_forms import FIGURES, BookingRuleForm
from schools.views.acting import acting, sent

IN_FORCE = ("ok", pgettext_lazy("of a rule", "in force"))
COMING = ("due", pgettext_lazy("of a rule", "coming"))
OVER = ("none", pgettext_lazy("of a rule", "over"))


@dataclass(frozen=True)
class RuleLine:
    """A rule with its state, and its figures by their names."""

    rule: BookingRule
    state: tuple[str, str | Promise]
    figures: list[tuple[str, str]]


@read_or_write
@page_if(dispatches)
def booking_rules(request: PersonRequest) -> HttpResponse:
    """Every rule with its days, the newest first, and the form of the next one."""
    on = request.today
    form = BookingRuleForm(sent(request), today=on, now=find_booking_rule(on))

    def do() -> None:
        set_booking_rule(values=form.values, on=form.cleaned_data["on"], **acting(request))

    def done() -> str:
        text = _("The rule of booking holds from %(day)s.")
        return text % {"day": format_day(form.cleaned_data["on"])}

    to = reverse("dispatch:booking_rules")
    if answer := submit_once(request, form, do=do, to=to, done=done, refusals=(DispatchError,)):
        return answer
    context: dict[str, Any] = {
        "lines": [_line(rule, on) for rule in BookingRule.objects.order_by("-period")],
        "form": form,
        "crumbs": [
            {"label": _("Dispatch desk"), "url": reverse("dispatch:queue")},
            {"label": _("Rules of booking"), "url": ""},
        ],
    }
    status = 422 if form.errors else 200
    return render(request, "dispatch/booking_rules.html", context, status=status)


def _line(rule: BookingRule, on: date) -> RuleLine:
    state = IN_FORCE if on in rule.period else COMING if first_day(rule.period) > on else OVER
    names = ((str(rule._meta.get_field(name).verbose_name), name) for name in FIGURES)  # type: ignore[union-attr]
    figures = [(label, _figure(getattr(rule, name))) for label, name in names]
    return RuleLine(rule, state, figures)


def _figure(value: Any) -> str:
    return str(value) if isinstance(value, int) else format_hours(value)
