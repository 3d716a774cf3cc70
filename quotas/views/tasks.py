"""Pages of the annual task: the task of a year beside its claims, and the versions of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import page_if
from accounts.enums import Role
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import IdempotentForm
from backstage.idempotency import replay_if_deleted
from backstage.submissions import carry_out_once, submit_once
from config.lib.methods import read_or_write, write_only
from config.lib.years import FIRST_YEAR, day_of_judgement
from quotas.actions.tasks import begin_task, discard_task, drop_line, publish_task, set_line
from quotas.amounts import say_amount
from quotas.enums import DECIDED, ClaimState, TaskState
from quotas.errors import TaskError
from quotas.forms import AmendForm, TargetForm
from quotas.models import AnnualTask, QuotaClaim, TaskLine
from quotas.permissions import schools_claimed_for, sets_tasks
from quotas.queries.claims import Cover, read_cover
from quotas.queries.mix import list_module_targets
from quotas.queries.tasks import address_of_tasks
from schools.models import School
from schools.permissions import staff_page
from schools.views.acting import acting, sent


@require_safe
@staff_page
def tasks(request: PersonRequest) -> HttpResponse:
    """The task of a year, how far the claims of the schools cover it, and its versions."""
    year, on = year_asked(request), request.today
    versions = list(AnnualTask.objects.visible_to(request.user).filter(year=year))
    task = next((one for one in versions if one.is_published), None)
    cover = read_cover(task, day_of_judgement(year, on)) if task else None
    is_open = on.year <= year <= on.year + 1
    visible = School.objects.visible_to(request.user, on).values_list("pk", flat=True)
    context = {
        "year": year,
        "years": [one for one in (year - 1, year, year + 1) if FIRST_YEAR <= one <= on.year + 1],
        "versions": versions,
        "task": task,
        "cover": cover,
        "schools": _school_lines(cover, set(visible)) if cover else [],
        "mixes": list_module_targets(day_of_judgement(year, on)) if task else [],
        "claiming": _claiming(request, task, on) if task and is_open else [],
        "may_set": sets_tasks(request.user) and is_open,
        "has_draft": any(not one.is_published for one in versions),
    }
    return render(request, "quotas/tasks.html", context)


def _school_lines(cover: Cover, visible: set[int]) -> list[dict[str, Any]]:
    """The schools that the person sees: last claim, and what it takes of each line."""
    return [
        {
            "school": school,
            "claim": cover.last.get(school.pk),
            "amounts": [(row.line, row.by_school.get(school.pk)) for row in cover.lines],
        }
        for school in cover.schools
        if school.pk in visible
    ]


def _claiming(request: PersonRequest, task: AnnualTask, on: date) -> list[dict[str, Any]]:
    """The schools for which the person claims, with their last claim and whether one may begin.

    A draft that answers an older version of the task gives way to the next.
    """
    schools = list(schools_claimed_for(request.user, Role.SCHOOL_CLERK, on))
    last = QuotaClaim.objects.filter(school__in=schools, year=task.year).newest()
    by_school = {claim.school_id: claim for claim in last}
    claims = [(school, by_school.get(school.pk)) for school in schools]
    return [
        {
            "school": school,
            "claim": claim,
            "may_begin": claim is None
            or claim.state in DECIDED
            or (claim.state == ClaimState.DRAFT and claim.task_id != task.pk),
            "form": IdempotentForm(auto_id=False),
        }
        for school, claim in claims
    ]


@read_or_write
@page_if(sets_tasks)
def begin(request: PersonRequest) -> HttpResponse:
    """Begin the next version of a task, with a reason if it is an amendment."""
    year = year_asked(request)
    is_first = not AnnualTask.objects.filter(year=year).exists()
    form = IdempotentForm(sent(request)) if is_first else AmendForm(sent(request))
    title = (_("Set the task of %(year)s") if is_first else _("Amend the task of %(year)s")) % {
        "year": year
    }

    def do(data: dict[str, Any]) -> AnnualTask:
        return begin_task(year=year, reason=data.get("reason", ""), **acting(request))

    def effects(task: AnnualTask) -> list[str]:
        words = {"year": year, "version": task.version, "n": task.lines.count()}
        return [
            _("Version %(version)d of the task of %(year)d begins as a draft.") % words,
            _("Lines taken over, to be changed: %(n)d.") % words,
            _("The schools see nothing of it until it is published."),
        ]

    page: dict[str, object] = {
        "title": title,
        "submit_label": _("Begin the draft"),
        "done": _("The draft is there. Change its lines, then publish it."),
        "cancel_url": address_of_tasks(year),
        "crumbs": crumbs_to(year, title),
    }
    steps = Confirmation(
        form,
        do,
        effects,
        (TaskError,),
        lambda task: reverse("quotas:task", args=[task.pk]),
        page,
    )
    return confirm_action(request, steps)


@read_or_write
@staff_page
def task(request: PersonRequest, task_id: int) -> HttpResponse:
    """A version of a task with its lines; the department changes those of a draft."""
    found = _get_task(request, task_id)
    may_change = not found.is_published and sets_tasks(request.user)
    form = TargetForm(request.POST or None) if may_change else None
    if request.method == "POST" and form is None:
        raise PermissionDenied
    if form is not None:

        def do() -> None:
            set_line(task_id=found.pk, target=form.target, **acting(request))

        to = reverse("quotas:task", args=[found.pk])
        if answer := submit_once(request, form, do=do, to=to, refusals=(TaskError,)):
            return answer
    context = {
        "task": found,
        "lines": [
            (line, IdempotentForm(auto_id=False))
            for line in found.lines.select_related("module").order_by("pk")
        ],
        "mixes": list_module_targets(day_of_judgement(found.year, request.today)),
        "form": form,
        "crumbs": crumbs_to(found.year, name_of(found)),
        "title": name_of(found),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "quotas/task.html", context, status=status)


@write_only
@replay_if_deleted
@page_if(sets_tasks)
def drop(request: PersonRequest, line_id: int) -> HttpResponse:
    """Take a line out of a draft."""
    line = get_object_or_404(TaskLine.objects.select_related("task"), pk=line_id)
    address, form = reverse("quotas:task", args=[line.task_id]), IdempotentForm(request.POST)
    if not form.is_valid():
        return redirect(address)

    def do() -> None:
        drop_line(line_id=line.pk, **acting(request))

    try:
        return carry_out_once(request, form, do=do, to=address)
    except TaskError as error:
        messages.error(request, error.message)
        return redirect(address)


@read_or_write
@page_if(sets_tasks)
def publish(request: PersonRequest, task_id: int) -> HttpResponse:
    """Publish a draft."""

    def effects(done: AnnualTask) -> list[str]:
        count = School.objects.in_force(request.today).count()
        return [
            *(
                _("%(line)s: %(amount)s")
                % {"line": line.label, "amount": say_amount(line.amount, line.measure)}
                for line in done.lines.select_related("module").order_by("pk")
            ),
            _("Clerks and leaders of %(n)d schools are told, and claim their shares.")
            % {"n": count},
            _("This version never changes any more; an amendment is the next version."),
        ]

    return _act_on_draft(
        request,
        _get_task(request, task_id),
        lambda: publish_task(task_id=task_id, **acting(request)),
        effects,
        (_("Publish the task"), _("Publish"), _("The task is published. The schools are told.")),
    )


@read_or_write
@replay_if_deleted
@page_if(sets_tasks)
def discard(request: PersonRequest, task_id: int) -> HttpResponse:
    """Drop a draft."""
    found = _get_task(request, task_id)
    return _act_on_draft(
        request,
        found,
        lambda: discard_task(task_id=task_id, **acting(request)),
        lambda _done: [_("The draft and its lines are dropped.")],
        (_("Drop the draft"), _("Drop"), _("The draft is dropped.")),
    )


def _act_on_draft(
    request: PersonRequest, found: AnnualTask, do: Any, effects: Any, words: tuple[str, str, str]
) -> HttpResponse:
    title, label, done = words
    address = reverse("quotas:task", args=[found.pk])
    if found.state != TaskState.DRAFT and request.method != "POST":
        return redirect(address)
    page = {
        "title": title,
        "submit_label": label,
        "done": done,
        "cancel_url": address,
        "crumbs": crumbs_to(found.year, title, found),
        "intro": name_of(found),
        "has_no_entries": True,
    }
    steps = Confirmation(
        IdempotentForm(sent(request)),
        lambda _data: do(),
        effects,
        (TaskError,),
        address_of_tasks(found.year),
        page,
    )
    return confirm_action(request, steps)


def name_of(task: AnnualTask) -> str:
    """The year and version of a task in words."""
    return _("Task of %(year)d, version %(version)d") % {
        "year": task.year,
        "version": task.version,
    }


def crumbs_to(year: int, label: str, task: AnnualTask | None = None) -> list[dict[str, str]]:
    """The task of the year, the version if any, this page."""
    crumbs = [{"label": _("Task of %(year)d") % {"year": year}, "url": address_of_tasks(year)}]
    if task is not None:
        crumbs.append({"label": name_of(task), "url": reverse("quotas:task", args=[task.pk])})
    return [*crumbs, {"label": label, "url": ""}]


def year_asked(request: PersonRequest) -> int:
    """The year of the address, or this one if it names none. Raises Http404 for what is no year.

    Acts go by it as well, and would be about this year without a word.
    """
    this = request.today.year
    years = {str(year): year for year in range(FIRST_YEAR, this + 2)}
    try:
        return years[request.GET.get("year", str(this))]
    except KeyError as error:
        raise Http404 from error


def _get_task(request: PersonRequest, task_id: int) -> AnnualTask:
    return get_object_or_404(AnnualTask.objects.visible_to(request.user), pk=task_id)
