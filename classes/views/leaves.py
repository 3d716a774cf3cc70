"""Answers to requests for leave."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.requests import PersonRequest
from backstage.submissions import submit_once
from classes.actions.leaves import answer_leave
from classes.enums import LeaveAnswer
from classes.errors import LeaveError
from classes.forms.leaves import LeaveAnswerForm
from classes.models import LeaveRequest
from classes.views.classes import render_class
from config.lib.methods import read_or_write
from schools.permissions import staff_page
from schools.views.acting import acting


@read_or_write
@staff_page
def answer(request: PersonRequest, leave_id: int) -> HttpResponse:
    """Accept or refuse a request for leave; the form is on the page of the class."""
    requests = LeaveRequest.objects.answered_at_school_of(request.user, request.today)
    leave = requests.filter(pk=leave_id).select_related("session").first()
    if leave is None:
        raise Http404
    class_id = leave.session.training_class_id
    address = reverse("classes:training_class", args=[class_id])
    if request.method != "POST":
        return redirect(f"{address}#leaves")
    form = LeaveAnswerForm(request.POST, leave_id=leave_id)

    def do() -> None:
        answer_leave(
            leave_id=leave_id,
            answer=LeaveAnswer(form.cleaned_data["answer"]),
            word=form.cleaned_data["word"],
            **acting(request),
        )
        messages.success(request, _("The member sees the answer on the timetable."))

    done = submit_once(request, form, do=do, to=f"{address}#leaves", refusals=(LeaveError,))
    return done or render_class(request, class_id, leave=form)
