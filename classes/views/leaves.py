"""Answers to requests for leave."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.idempotency import KeyReusedError, hash_body, run_once
from backstage.pages import conflict_page
from classes.actions.leaves import answer_leave
from classes.enums import LeaveAnswer
from classes.errors import LeaveError
from classes.forms.leaves import LeaveAnswerForm
from classes.models import LeaveRequest
from classes.views.classes import render_class
from config.lib.methods import read_or_write
from schools.permissions import require_staff


@read_or_write
def answer(request: PersonRequest, leave_id: int) -> HttpResponse:
    """Accept or refuse a request for leave; the form is on the page of the class."""
    require_staff(request)
    requests = LeaveRequest.objects.answered_at_school_of(request.user, request.today)
    leave = requests.filter(pk=leave_id).select_related("session").first()
    if leave is None:
        raise Http404
    class_id = leave.session.training_class_id
    address = reverse("classes:training_class", args=[class_id])
    if request.method != "POST":
        return redirect(f"{address}#leaves")
    form = LeaveAnswerForm(request.POST, leave_id=leave_id)
    if form.is_valid():
        try:
            return redirect(_answer(request, form, f"{address}#leaves"))
        except KeyReusedError:
            return conflict_page(request)
        except LeaveError as error:
            form.add_error(error.field, str(error))
    return render_class(request, class_id, leave=form)


def _answer(request: PersonRequest, form: LeaveAnswerForm, location: str) -> str:
    by, at = Actor.of_request(request), request.now

    def do() -> None:
        answer_leave(
            leave_id=form.leave_id,
            answer=LeaveAnswer(form.cleaned_data["answer"]),
            word=form.cleaned_data["word"],
            by=by,
            at=at,
        )
        messages.success(request, _("The member sees the answer on the timetable."))

    return run_once(
        key=form.cleaned_data["idempotency_key"],
        user=request.user,
        act=f"answer_leave:{form.leave_id}",
        body_hash=hash_body(request.POST),
        location=location,
        do=do,
    )
