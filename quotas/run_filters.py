"""Filters of the lists about a reconciliation: the run, and the condition each puts on a result."""

from __future__ import annotations

from dataclasses import replace

from django import forms
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.filters import Filter, Filters, ListRequest, choose, search
from hours.queries.requirements import Outcome
from quotas.models import MemberResult, Reconciliation
from quotas.reasons import VERDICTS
from schools.enums import Audience
from schools.filters import OUTSIDE, school_filter
from schools.models import Organisation
from trainees.models import Member

COUNTED = Q(verdict__in=[Outcome.MET, Outcome.SHORT, Outcome.NOT_YET_DUE])
# What a figure of the sums counts: a verdict, all who owe hours, those of them below.
_CHOICES: dict[str, tuple[Promise, Q]] = {
    **{verdict.value: (label, Q(verdict=verdict)) for verdict, label in VERDICTS.items()},
    "counted": (gettext_lazy("owes hours"), COUNTED),
    "below": (gettext_lazy("owes hours and has not reached them"), COUNTED & ~Q(verdict="met")),
    "trained": (
        gettext_lazy("owes hours, attended a training"),
        COUNTED & Q(concentrated__gt=0),
    ),
}
RESULT_LABELS = {value: label for value, (label, _condition) in _CHOICES.items()}
CHANGED = {"verdict": gettext_lazy("the verdict"), "place": gettext_lazy("organisation or school")}


def name_run(run: Reconciliation) -> str:
    """A run in a few words: 2025 · 2, and that it is a rehearsal or was discarded."""
    words = _("rehearsal") if run.is_rehearsal else _("final")
    if run.state == "discarded":
        words = _("%(kind)s, discarded") % {"kind": words}
    return _("%(year)s, run %(number)d (%(kind)s)") % {
        "year": run.year,
        "number": run.number,
        "kind": words,
    }


def run_filter(asked: ListRequest) -> Filter:
    """The run, of those that the user may see; the newest one unless another is asked for."""
    runs = Reconciliation.objects.visible_to(asked.user, asked.today)
    options = {str(run.pk): name_run(run) for run in runs}
    newest = next(iter(options), "")
    run = choose(asked, "run", _("Run"), options, default=newest)
    return replace(run, condition=Q(reconciliation=run.value or 0), audit_text=run.words)


def _school(asked: ListRequest) -> Filter:
    """The school of the day of judgement, also none for the district."""
    school = school_filter(asked, of_members=True)
    if not school.value:
        return school
    condition = Q(school=None) if school.value == OUTSIDE else Q(school=school.value)
    return replace(school, condition=condition)


def _unit(asked: ListRequest) -> Filter:
    """The very organisation that a link names by its code; there is nothing to choose.

    One without a result that the user may see is none: codes tell nobody its name.
    """
    label, code = _("Party organisation"), asked.text("unit")
    if not code:
        return Filter("unit", label, "", None)
    results = MemberResult.objects.visible_to(asked.user, asked.today)
    seen = results.filter(organisation__code=code).values("organisation")
    organisation = Organisation.objects.filter(pk__in=seen).first()
    if organisation is None:
        return Filter("unit", label, "", None, is_unread=True)
    return Filter(
        "unit",
        label,
        code,
        forms.CharField(label=label, widget=forms.HiddenInput, required=False),
        str(organisation),
        Q(organisation=organisation),
        audit_text=str(organisation),
    )


def result_filters(asked: ListRequest) -> Filters:
    """For results of members: run, school, organisation, verdict, audience, and a search."""
    labels = {value: str(label) for value, label in RESULT_LABELS.items()}
    audiences = {value: str(label) for value, label in Audience.choices}
    result = choose(
        asked,
        "result",
        _("Verdict"),
        labels,
        conditions={value: condition for value, (_label, condition) in _CHOICES.items()},
        any_label=_("all verdicts"),
    )
    audience = choose(
        asked,
        "audience",
        _("Audience"),
        audiences,
        conditions={value: Q(audience=value) for value in audiences},
        any_label=_("all members"),
    )
    text = asked.text("q")
    named = Q(member__in=Member.objects.named_like(text).values("pk")) if text else None
    typed = search(asked, _("Name, pinyin initials or member number"), named)
    return Filters([run_filter(asked), _school(asked), _unit(asked), result, audience, typed])


def sum_filters(asked: ListRequest) -> Filters:
    """For sums by organisation: run and school."""
    return Filters([run_filter(asked), _school(asked)])


def find_run(filters: Filters) -> Reconciliation | None:
    """The chosen run; None if there is none at all."""
    return Reconciliation.objects.filter(pk=filters.value("run") or 0).first()


def difference_filters(asked: ListRequest) -> Filters:
    """For differences of two runs of a year: both, the school, and what differs."""
    run = run_filter(asked)
    others = Reconciliation.objects.visible_to(asked.user, asked.today).exclude(pk=run.value or 0)
    same_year = others.filter(
        year__in=Reconciliation.objects.filter(pk=run.value or 0).values("year")
    )
    # A run that was broken off has some schools alone, so all others would seem to differ.
    kept = same_year.filter(
        computed_at__isnull=False, pk__in=MemberResult.objects.values("reconciliation")
    )
    options = {str(other.pk): name_run(other) for other in kept.order_by("-number")}
    # The run of all schools before, else another one.
    number = find_run(Filters([run]))
    earlier = kept.of_all_schools().filter(number__lt=number.number if number else 0)
    before = earlier.order_by("-number").first()
    default = str(before.pk) if before else next(iter(options), "")
    beside = choose(asked, "beside", _("Beside"), options, default=default)
    changed = choose(
        asked,
        "changed",
        _("What differs"),
        {value: str(label) for value, label in CHANGED.items()},
        any_label=_("anything"),
    )
    return Filters([run, replace(beside, audit_text=beside.words), _school(asked), changed])


def claim_difference_filters(asked: ListRequest) -> Filters:
    """For results beside claims: run and school."""
    return Filters([run_filter(asked), school_filter(asked)])
