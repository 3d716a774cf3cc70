"""Disputes: opened by the member, answered by the school, appeals decided by the department."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import everyone_page
from accounts.enums import Role
from accounts.origin import Actor
from accounts.requests import PersonRequest
from accounts.roles import holds_any
from backstage.forms import IdempotentForm
from backstage.submissions import carry_out_once
from config.lib.filters import ListRequest
from config.lib.methods import read_or_write
from config.lib.paging import page_of
from hours.actions import disputes as acts
from hours.errors import DisputeError
from hours.models import Assessment, Dispute
from rolls.hours_source import ROLL
from schools.permissions import staff_page
from studies.hours_source import STUDY
from studies.models import Study
from years import lists
from years.filters import dispute_filters
from years.forms import AnswerForm, AppealForm, DecisionForm, DisputeForm, MissingForm
from years.queries.disputes import (
    DisputePage,
    StudyInQuestion,
    get_dispute_page,
    get_own_line,
    list_studies_in_question,
)
from years.queries.lines import Line


@require_safe
@staff_page
def disputes(request: PersonRequest) -> HttpResponse:
    """Disputes answered by schools that the user may see, pending ones first."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = dispute_filters(asked)
    page = page_of(request, lists.disputes(asked, filters))
    context = {"page_obj": page, "filters": filters, "export": "disputes"}
    return render(request, "years/disputes.html", context)


@require_safe
@everyone_page
def dispute(request: PersonRequest, dispute_id: int) -> HttpResponse:
    """A dispute with its history, for the member and for the people who answer."""
    page = _get_page(request, dispute_id)
    context = {"page": page, "months": _months(page.line), "crumbs": _crumbs(page.is_own, page)}
    return render(request, "years/dispute.html", context)


@read_or_write
@everyone_page
def open_dispute(request: PersonRequest, assessment_id: int) -> HttpResponse:
    """Dispute a line of one's own hours.

    The form shows and concerns the current version of the line; the URL of an earlier version
    redirects to it.
    """
    on = request.today
    try:
        line = get_own_line(request.user, assessment_id, on)
    except Assessment.DoesNotExist as error:
        raise Http404 from error
    if request.method != "POST":
        if line.dispute and not line.may_dispute:
            return redirect("years:dispute", line.dispute.id)
        if line.assessment_id != assessment_id:
            return redirect("years:open_dispute", line.assessment_id)
    form = DisputeForm(request.POST or None)
    by, at = Actor.of_request(request), request.now

    def do() -> str:
        text = form.cleaned_data["text"]
        return _address(acts.open_dispute(assessment_id=assessment_id, text=text, by=by, at=at))

    page = {
        "title": _("Something is wrong with this line"),
        "submit_label": _("Send to the school"),
        "done": _("Sent. The school's answer will appear here."),
        "cancel_url": f"{reverse('years:my_hours')}?year={line.occurred_on.year}",
        "months": _months(line),
        "is_reading": True,
        "crumbs": _crumbs(True),
        "action": reverse("years:open_dispute", args=[line.assessment_id]),
        "is_over": line.was_open_until is not None,
        "last_day": line.was_open_until,
    }
    return _answer(request, form, do, page)


@read_or_write
@everyone_page
def report_missing(request: PersonRequest) -> HttpResponse:
    """Report that study of a day is missing from one's own hours."""
    if not holds_any(request.user, Role.MEMBER):
        raise Http404
    form = MissingForm(request.POST or None)
    by, at = Actor.of_request(request), request.now

    def do() -> str:
        data = form.cleaned_data
        return _address(
            acts.report_missing(
                occurred_on=data["occurred_on"],
                missing=data["missing"],
                text=data["text"],
                by=by,
                at=at,
            )
        )

    page = {
        "title": _("Hours are missing"),
        "submit_label": _("Send to the school"),
        "done": _("Sent. The school's answer will appear here."),
        "cancel_url": reverse("years:my_hours"),
        "is_reading": True,
        "crumbs": _crumbs(True),
    }
    return _answer(request, form, do, page)


@read_or_write
@everyone_page
def answer(request: PersonRequest, dispute_id: int) -> HttpResponse:
    """The school's answer, shown beside the line and its evidence."""
    page, on = _get_page(request, dispute_id), request.today
    if not Dispute.objects.answered_by(request.user, on).filter(pk=dispute_id).exists():
        raise PermissionDenied
    if not page.may_answer and request.method != "POST":
        return redirect(_address(page.dispute))
    words = {
        "title": _("Answer the dispute"),
        "submit_label": _("Send the answer to the member"),
        "done": _("The member has the answer."),
    }
    return _judge(request, page, acts.answer_dispute, AnswerForm(request.POST or None), words)


@read_or_write
@everyone_page
def decide(request: PersonRequest, dispute_id: int) -> HttpResponse:
    """The organisation department's decision on an appeal."""
    page, on = _get_page(request, dispute_id), request.today
    if not Dispute.objects.decided_by(request.user, on).filter(pk=dispute_id).exists():
        raise PermissionDenied
    if not page.may_decide and request.method != "POST":
        return redirect(_address(page.dispute))
    words = {
        "title": _("Decide the appeal"),
        "submit_label": _("Send the decision to the member"),
        "done": _("The member has the decision."),
    }
    return _judge(request, page, acts.decide_dispute, DecisionForm(request.POST or None), words)


def _judge(
    request: PersonRequest,
    page: DisputePage,
    act: Callable[..., Any],
    form: AnswerForm,
    words: dict[str, str],
) -> HttpResponse:
    """The form of an answer or a decision, with links to correct the hours first."""
    address = _address(page.dispute)
    by, at = Actor.of_request(request), request.now
    links, studies = _ways_to_correct(request, page.dispute)

    def do() -> str:
        data = form.cleaned_data
        verdict, text = data["verdict"], data["text"]
        act(dispute_id=page.dispute.pk, verdict=verdict, text=text, by=by, at=at)
        return address

    context = {
        **words,
        "cancel_url": address,
        "page": page,
        "months": _months(page.line),
        "links": links,
        "studies": studies,
        "crumbs": _crumbs(False, page, words["title"]),
    }
    return _answer(request, form, do, context)


@read_or_write
@everyone_page
def appeal(request: PersonRequest, dispute_id: int) -> HttpResponse:
    """The member appeals against the answer."""
    page = _get_own_page(request, dispute_id)
    address = _address(page.dispute)
    if not page.may_appeal and request.method != "POST":
        return redirect(address)
    form = AppealForm(request.POST or None)
    by, at = Actor.of_request(request), request.now

    def do() -> str:
        acts.appeal_dispute(dispute_id=dispute_id, text=form.cleaned_data["text"], by=by, at=at)
        return address

    title = _("Appeal against the answer")
    context = {
        "title": title,
        "submit_label": _("Send to the organisation department"),
        "done": _("Sent to the organisation department. Its decision will appear here."),
        "cancel_url": address,
        "page": page,
        "is_reading": True,
        "crumbs": _crumbs(True, page, title),
    }
    return _answer(request, form, do, context)


@read_or_write
@everyone_page
def withdraw(request: PersonRequest, dispute_id: int) -> HttpResponse:
    """The member withdraws a pending dispute."""
    page = _get_own_page(request, dispute_id)
    address = _address(page.dispute)
    if not page.may_withdraw and request.method != "POST":
        return redirect(address)
    form = IdempotentForm(request.POST or None)
    by, at = Actor.of_request(request), request.now

    def do() -> str:
        acts.withdraw_dispute(dispute_id=dispute_id, by=by, at=at)
        return address

    title = _("Take the dispute back")
    context = {
        "title": title,
        "submit_label": title,
        "done": _("The dispute is taken back; nobody answers it any more."),
        "cancel_url": address,
        "page": page,
        "is_reading": True,
        "crumbs": _crumbs(True, page, title),
    }
    return _answer(request, form, do, context)


def _answer(
    request: PersonRequest, form: IdempotentForm, do: Callable[[], str], page: dict[str, Any]
) -> HttpResponse:
    """The form, or a redirect to the URL that `do` returned after taking the step."""
    if request.method == "POST" and form.is_valid():
        try:
            return carry_out_once(request, form, do=do, done=page["done"])
        except DisputeError as error:
            form.add_error(*_refusal(form, error, page.get("links", [])))
    status = 422 if form.errors else 200
    return render(request, "years/dispute_form.html", {**page, "form": form}, status=status)


def _refusal(
    form: IdempotentForm, error: DisputeError, links: list[tuple[str, str]]
) -> tuple[str | None, Any]:
    """The form field and message of a refusal; with a link to correct it, or to what exists."""
    if error.dispute_id is not None:
        url = reverse("years:dispute", args=[error.dispute_id])
        return error.field, format_html('{} <a href="{}">{}</a>', error, url, _("See the dispute"))
    if error.field == "verdict" and links:
        label, url = links[0]
        return "verdict", format_html('{} <a href="{}">{}</a>', error, url, label)
    return error.field if error.field in form.fields else None, str(error)


def _get_page(request: PersonRequest, dispute_id: int) -> DisputePage:
    try:
        return get_dispute_page(request.user, dispute_id, request.today)
    except Dispute.DoesNotExist as error:
        raise Http404 from error


def _get_own_page(request: PersonRequest, dispute_id: int) -> DisputePage:
    page = _get_page(request, dispute_id)
    if not page.is_own:
        raise PermissionDenied
    return page


def _ways_to_correct(
    request: PersonRequest, dispute: Dispute
) -> tuple[list[tuple[str, str]], list[StudyInQuestion]]:
    """Links to correct the hours of this dispute, the likeliest first; for missing study, the
    records that may be meant.
    """
    line, day = dispute.assessment, dispute.occurred_on
    if line is not None and line.source.kind == ROLL.key:
        mark = reverse("rolls:correction", args=[dispute.mark])  # type: ignore[attr-defined]
        roll = reverse("rolls:roll", args=[line.source.roll.session_id])
        return [(_("Correct the mark"), mark), (_("See the roll"), roll)], []
    if line is not None and line.source.kind == STUDY.key:
        study = line.source.study
        record = (_("See the study record"), reverse("studies:study", args=[study.pk]))
        this = Study.objects.filter(pk=study.pk)
        if not this.correctable_by(request.user, request.today).exists():
            return [record], []
        people = reverse("studies:correct_participants", args=[study.pk])
        return [(_("Correct who was there"), people), record], []
    sessions = f"{reverse('rolls:sessions')}?year={day.year}&part=m{day.month}"
    hours = reverse("years:member_hours", args=[dispute.member_id])
    links = [
        (_("Sessions of that month"), sessions),
        (_("Credit hours of the member"), f"{hours}?year={day.year}"),
    ]
    return links, list_studies_in_question(request.user, dispute, request.today)


def _months(line: Line | None) -> list[tuple[date, list[Line]]]:
    """A single line in the format of the lines component."""
    return [(line.occurred_on.replace(day=1), [line])] if line else []


def _address(dispute: Dispute) -> str:
    return reverse("years:dispute", args=[dispute.pk])


def _crumbs(is_own: bool, page: DisputePage | None = None, here: str = "") -> list[dict[str, str]]:
    """Breadcrumbs: to one's own hours, or to the list of disputes."""
    if is_own:
        crumbs = [{"label": _("My credit hours"), "url": reverse("years:my_hours")}]
    else:
        crumbs = [{"label": _("Disputes"), "url": reverse("years:disputes")}]
    crumbs.append(
        {"label": page.dispute.subject, "url": _address(page.dispute)}
        if page
        else {"label": _("Dispute"), "url": ""}
    )
    return [*crumbs, {"label": here, "url": ""}] if here else crumbs
