"""Notices of a class: posted and taken down."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.idempotency import KeyReusedError, hash_body, run_once
from backstage.pages import conflict_page
from classes.actions.class_notices import post_notice, take_notice_down
from classes.errors import RosterError
from classes.forms.notices import NoticeForm
from classes.models import ClassNotice
from classes.views.classes import get_planned
from config.lib.methods import read_or_write, write_only
from schools.permissions import require_staff


@read_or_write
def notice(request: PersonRequest, class_id: int) -> HttpResponse:
    """Post a notice to the trainees of a class."""
    require_staff(request)
    training_class = get_planned(request, class_id)
    form = NoticeForm(request.POST or None)
    address = reverse("classes:training_class", args=[training_class.pk])
    by, at = Actor.of_request(request), request.now
    if request.method == "POST" and form.is_valid():
        try:
            location = run_once(
                key=form.cleaned_data["idempotency_key"],
                user=request.user,
                act=f"post_notice:{training_class.pk}",
                body_hash=hash_body(request.POST),
                location=f"{address}#notices",
                do=lambda: post_notice(
                    training_class_id=training_class.pk,
                    text=form.cleaned_data["text"],
                    by=by,
                    at=at,
                ),
            )
        except KeyReusedError:
            return conflict_page(request)
        except RosterError as error:
            form.add_error("text", str(error))
        else:
            return redirect(location)
    context = {"training_class": training_class, "form": form, "cancel_url": address}
    status = 422 if form.errors else 200
    return render(request, "classes/class_notice.html", context, status=status)


@write_only
def notice_down(request: PersonRequest, class_id: int, notice_id: int) -> HttpResponse:
    """Take a notice down."""
    require_staff(request)
    training_class = get_planned(request, class_id)
    by, at = Actor.of_request(request), request.now
    try:
        take_notice_down(training_class_id=training_class.pk, notice_id=notice_id, by=by, at=at)
    except ClassNotice.DoesNotExist as error:
        raise Http404 from error
    return redirect(reverse("classes:training_class", args=[training_class.pk]) + "#notices")
