"""Views for reviewers: pass, return and withdraw records of study, and correct participants."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.entry import page_if
from accounts.enums import Role
from accounts.requests import PersonRequest
from accounts.roles import holds_any
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import ReasonForm
from backstage.submissions import carry_out_once
from config.lib.dates import format_day
from config.lib.hours import format_hours
from config.lib.methods import read_or_write, write_only
from hours.actions.ledger import Posted
from schools.views.acting import acting
from studies.actions import study_reviews
from studies.enums import StudyState
from studies.errors import StudyError
from studies.forms import ParticipantsForm, ReviewForm, retyped
from studies.models import Study
from studies.permissions import REVIEWING_SCHOOL_ROLES, sees_studies
from studies.queries.studies import StudyPage
from studies.views.guests import add_guest, guest_left, guest_typed
from studies.views.studies import get_page, render_study


@write_only
@page_if(sees_studies)
def review(request: PersonRequest, study_id: int) -> HttpResponse:
    """Pass the next step of a record, or return it with a reason."""
    passes = request.POST.get("act") == "pass"
    page, form = get_page(request, study_id), ReviewForm(request.POST, passes=passes)
    if not form.is_valid():
        return render_study(request, page, review=form)
    data = form.cleaned_data

    def do() -> None:
        study_reviews.review_study(
            study_id=study_id,
            seen_version=data["seen_version"],
            passes=passes,
            reason=data["reason"],
            **acting(request),
        )

    to = f"{reverse('studies:studies')}?progress=review"
    done = _("The record is passed.") if passes else _("The record is returned.")
    try:
        return carry_out_once(request, form, do=do, to=to, done=done)
    except Study.DoesNotExist as error:
        raise PermissionDenied from error
    except StudyError as error:
        if error.field not in form.fields:
            return _review_again(request, study_id, str(error), data["reason"])
        form.add_error(error.field, str(error))
        return render_study(request, page, review=form)


def _review_again(request: PersonRequest, study_id: int, problem: str, reason: str) -> HttpResponse:
    """The current record and the typed reason, to be sent again or copied."""
    page = get_page(request, study_id)
    if not page.may_review:
        return render_study(request, page, problem=problem, unsent=reason)
    form = ReviewForm(initial={"seen_version": page.study.version, "reason": reason})
    return render_study(request, page, problem=problem, review=form)


@read_or_write
@page_if(sees_studies)
def withdraw(request: PersonRequest, study_id: int) -> HttpResponse:
    """Withdraw an approved record, after a page that shows the effects."""
    page = get_page(request, study_id)
    if not page.may_withdraw:
        if not holds_any(request.user, *REVIEWING_SCHOOL_ROLES):
            raise PermissionDenied
        if page.study.state != StudyState.WITHDRAWN or request.method != "POST":
            return redirect("studies:study", study_id)
    address = reverse("studies:study", args=[study_id])

    def do(data: dict[str, Any]) -> Posted:
        try:
            return study_reviews.withdraw_study(
                study_id=study_id,
                seen_version=page.study.version,
                reason=data["reason"],
                **acting(request),
            )
        except Study.DoesNotExist as error:
            raise PermissionDenied from error

    steps = Confirmation(
        form=ReasonForm(request.POST or None),
        do=do,
        effects=lambda posted: _withdrawn(page, posted),
        refusals=(StudyError,),
        location=address,
        page={
            "title": _("Take back: %(topic)s") % {"topic": page.study.topic},
            "intro": _("For a record that should not have been passed. It stays to be read."),
            "submit_label": _("Take the record back and reverse its hours"),
            "done": _("The record is withdrawn; its hours are reversed."),
            "cancel_url": address,
        },
    )
    return confirm_action(request, steps)


@read_or_write
@page_if(sees_studies)
def correct_participants(request: PersonRequest, study_id: int) -> HttpResponse:
    """Add or remove participants of an approved record, after a page that shows the effects."""
    page = get_page(request, study_id)
    if not page.may_correct:
        roles = (*REVIEWING_SCHOOL_ROLES, Role.ORGANISATION_DEPARTMENT)
        if not holds_any(request.user, *roles):
            raise PermissionDenied
        if request.method != "POST":
            return redirect("studies:study", study_id)
    address, problem = reverse("studies:study", args=[study_id]), ""
    if request.POST.get("act") == "guest":
        form, problem = add_guest(request, ParticipantsForm, {"study": page.study})
    elif problem := guest_left(request):
        form = ParticipantsForm(initial=retyped(request.POST), study=page.study)
    else:
        form = ParticipantsForm(request.POST or None, study=page.study)

    def do(data: dict[str, Any]) -> study_reviews.Corrected:
        if data["seen_version"] != page.study.version:  # it will be refused
            form.look_again(page.study)
        try:
            return study_reviews.correct_participants(
                study_id=study_id,
                seen_version=data["seen_version"],
                reason=data["reason"],
                guest_ids=data["guest"],
                **form.changes,
                **acting(request),
            )
        except Study.DoesNotExist as error:
            text = _("Who was at this study can no longer be corrected by you.")
            raise StudyError(text) from error

    steps = Confirmation(
        form=form,
        do=do,
        effects=lambda corrected: _corrected(form, corrected),
        refusals=(StudyError,),
        location=address,
        page={
            "title": _("Correct who was there: %(topic)s") % {"topic": page.study.topic},
            "intro": f"{page.study.organisation.name} · {format_day(page.study.held_on)}",
            "submit_label": _("Correct the participants and their hours"),
            "done": _("The participants are corrected."),
            "cancel_url": address,
            **guest_typed(request, problem),
            "errors_shown": bool(problem),
            "shows_numbers": True,
        },
        template="studies/participants.html",
    )
    return confirm_action(request, steps)


def _corrected(form: ParticipantsForm, corrected: study_reviews.Corrected) -> list[str]:
    """The effects of a correction of participants, in sentences."""
    names = {person.member_id: f"{person.name} {person.number}" for person in form.people}
    changes = {
        change: _(", ").join(names[key] for key in sorted(keys))
        for change, keys in form.changes.items()
    }
    sentences = []
    if changes["add"]:
        facts = {"names": changes["add"], "hours": format_hours(corrected.added.hours)}
        sentences.append(_("Added: %(names)s. %(hours)s credit hours are posted.") % facts)
    if changes["remove"]:
        text = _("Taken off: %(names)s. Their hours of this study are reversed.")
        sentences.append(text % {"names": changes["remove"]})
        sentences.append(_("Members see the change and its reason on their page."))
    sentences += _others_changed(corrected.added.others + corrected.removed.others)
    return sentences


def _withdrawn(page: StudyPage, posted: Posted) -> list[str]:
    """The effects of withdrawing a record, in sentences."""
    n = sum(1 for participant in page.participants if participant.hours)
    text = ngettext(
        "%(hours)s credit hours of %(n)d member are reversed.",
        "%(hours)s credit hours of %(n)d members are reversed.",
        n,
    )
    sentences = [
        text % {"n": n, "hours": format_hours(page.hours)},
        _("Members see the change and its reason on their page."),
        _("The study can be recorded anew."),
    ]
    return [*sentences, *_others_changed(posted.others)]


def _others_changed(n: int) -> list[str]:
    """A sentence on other lines of the same members that change, if any do."""
    text = ngettext(
        "%(n)d other line of these members changes: what it kept them from comes back.",
        "%(n)d other lines of these members change: what it kept them from comes back.",
        n,
    )
    return [text % {"n": n}] if n else []
