"""Notices of a class: posted and taken down."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.submissions import submit_once
from classes.actions.class_notices import post_notice, take_notice_down
from classes.errors import RosterError
from classes.forms.notices import NoticeForm
from classes.models import ClassNotice
from classes.views.classes import get_planned
from config.lib.methods import read_or_write, write_only
from schools.permissions import staff_page


@read_or_write
@staff_page
def notice(request: PersonRequest, class_id: int) -> HttpResponse:
    """Post a notice to the trainees of a class."""
    training_class = get_planned(request, class_id)
    form = NoticeForm(request.POST or None)
    address = reverse("classes:training_class", args=[training_class.pk])
    by, at = Actor.of_request(request), request.now

    def do() -> None:
        text = form.cleaned_data["text"]
        post_notice(training_class_id=training_class.pk, text=text, by=by, at=at)

    if answer := submit_once(
        request, form, do=do, to=f"{address}#notices", refusals=(RosterError,)
    ):
        return answer
    context = {"training_class": training_class, "form": form, "cancel_url": address}
    status = 422 if form.errors else 200
    return render(request, "classes/class_notice.html", context, status=status)


@write_only
@staff_page
def notice_down(request: PersonRequest, class_id: int, notice_id: int) -> HttpResponse:
    """Take a notice down."""
    training_class = get_planned(request, class_id)
    by, at = Actor.of_request(request), request.now
    try:
        take_notice_down(training_class_id=training_class.pk, notice_id=notice_id, by=by, at=at)
    except ClassNotice.DoesNotExist as error:
        raise Http404 from error
    return redirect(reverse("classes:training_class", args=[training_class.pk]) + "#notices")
