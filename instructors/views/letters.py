"""Letters of appointment: listed, issued together, opened, printed anew, revoked."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit import record_act
from accounts.entry import everyone_page, page_if
from accounts.interests import own_accounts
from accounts.origin import Actor, site_address
from accounts.requests import PersonRequest
from accounts.roles import acting_roles
from backstage.confirmations import Confirmation, confirm_action
from backstage.files import FileError, read_file
from backstage.forms import IdempotentForm, ReasonForm
from backstage.models import StoredFile
from backstage.papers import MEDIA_TYPE
from backstage.views import attach
from config.lib.filters import ListRequest
from config.lib.methods import read_or_write
from config.lib.pages import address_of
from config.lib.paging import page_of
from config.lib.period_forms import describe_period
from config.lib.periods import inclusive_period
from instructors import lists
from instructors.actions.letters import (
    Issuing,
    issue_letters,
    open_letter,
    reissue_letter,
    revoke_letter,
)
from instructors.enums import LetterState
from instructors.errors import LetterError
from instructors.filters import letter_filters
from instructors.forms import LettersForm
from instructors.models import AppointmentLetter, Instructor, IssuedLetter
from instructors.permissions import appoints
from instructors.queries.rules import find_letter_rule, warned_until
from schools.permissions import sees_schools, staff_page


@require_safe
@staff_page
def letters(request: PersonRequest) -> HttpResponse:
    """Letters of the lecturers whom the person may see."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = letter_filters(asked)
    context = {
        "page_obj": page_of(request, lists.letters(asked, filters)),
        "filters": filters,
        "may_issue": appoints(request.user),
        "warned_until": warned_until(asked.today),
        "now": asked.today,
    }
    return render(request, "instructors/letters.html", context)


@require_safe
@everyone_page
def letter(request: PersonRequest, letter_id: int) -> HttpResponse:
    """A letter with its papers, for staff who see the lecturer, and for the lecturer."""
    found, on = _get(request, letter_id), request.today
    papers = found.papers.with_state(on).select_related("issued_by").order_by("-version")
    is_own = found.instructor.user_id in own_accounts(request.user)
    kept = Instructor.objects.kept_by(request.user, on).filter(pk=found.instructor_id)
    context = {
        "letter": found,
        "papers": papers,
        "keeps_days": kept.exists(),
        "may_act": appoints(request.user) and not is_own and found.state == LetterState.VALID,
        # The list is for staff; a lecturer came from home.
        "crumbs": _crumbs(found.number) if sees_schools(request.user) else [],
        "now": on,
    }
    return render(request, "instructors/letter.html", context)


@require_safe
@everyone_page
def letter_file(request: PersonRequest, paper_id: int) -> HttpResponse:
    """A paper as issued; opening it is audited, except by the lecturer."""
    papers = IssuedLetter.objects.select_related("letter__instructor", "file")
    visible = AppointmentLetter.objects.visible_to(request.user, request.today)
    paper = get_object_or_404(papers.filter(letter__in=visible), pk=paper_id)
    try:
        pdf = open_letter(paper)
    except LetterError as error:
        messages.error(request, str(error))
        return redirect("instructors:letter", paper.letter_id)
    if paper.letter.instructor.user_id != request.user.pk:
        _record_access(request, [paper])
    return attach(HttpResponse(pdf, content_type=MEDIA_TYPE), paper.file.name)


@read_or_write
@page_if(appoints)
def issue(request: PersonRequest) -> HttpResponse:
    """Issue letters to lecturers who hold none beyond the days of warning."""
    on = request.today
    due = Instructor.objects.without_letter_after(warned_until(on)).with_last_letter()
    lecturers = due.exclude(user__in=own_accounts(request.user)).order_by("corps", "name", "pk")
    form = LettersForm(
        request.POST or None,
        lecturers=lecturers,
        rule=find_letter_rule(on),
        on=on,
        chosen=ListRequest(request.user, request.GET, request.now).key("lecturer"),
    )

    def do(data: dict[str, Any]) -> list[IssuedLetter]:
        keys = [lecturer.pk for lecturer in data["instructors"]]
        term = inclusive_period(data["first_day"], data["last_day"])
        return issue_letters(instructor_ids=keys, term=term, issuing=_issuing(request))

    title = _("Issue letters of appointment")
    back = reverse("instructors:letters")
    page: dict[str, object] = {
        "title": title,
        "intro": _("For lecturers without a letter, and for those whose term ends soon."),
        "submit_label": _("Issue the letters"),
        "done": _("The letters are issued. Print them together."),
        "cancel_url": back,
        "crumbs": _crumbs(title),
    }
    steps = Confirmation(
        form=form,
        do=do,
        effects=_tell_issued,
        refusals=(LetterError,),
        location=lambda papers: reverse("instructors:letter_batch", args=[papers[0].sheets_id]),
        page=page,
    )
    return confirm_action(request, steps)


def _tell_issued(papers: list[IssuedLetter]) -> list[str]:
    """Which numbers are issued, and who gets a letter for which term."""
    numbers = [paper.letter.number for paper in papers]
    if len(papers) == 1:
        said = [_("A letter is issued: %(number)s.") % {"number": numbers[0]}]
    else:
        text = _("Letters issued: %(n)d, numbers %(first)s to %(last)s.")
        said = [text % {"n": len(papers), "first": numbers[0], "last": numbers[-1]}]
    names: dict[DateRange, list[str]] = defaultdict(list)
    for paper in papers:
        names[paper.letter.period].append(paper.letter.instructor.name)
    for term, holders in names.items():
        facts = {"term": describe_period(term), "names": _(", ").join(holders)}
        said.append(_("Term %(term)s: %(names)s.") % facts)
    return [
        *said,
        _("A letter that was issued never changes; it can be printed anew or revoked."),
    ]


@require_safe
@page_if(appoints)
def batch(request: PersonRequest, file_id: int) -> HttpResponse:
    """Letters that were issued together."""
    papers = _get_batch(file_id)
    context = {"papers": papers, "crumbs": _crumbs(_("Letters issued together"))}
    return render(request, "instructors/letter_batch.html", context)


@require_safe
@page_if(appoints)
def batch_file(request: PersonRequest, file_id: int) -> HttpResponse:
    """The PDF with all letters that were issued together; opening it is audited."""
    papers = _get_batch(file_id)
    stored = StoredFile.objects.get(pk=file_id)
    try:
        pdf = read_file(stored)
    except FileError as error:
        messages.error(request, str(error))
        return redirect("instructors:letter_batch", file_id)
    _record_access(request, papers)
    return attach(HttpResponse(pdf, content_type=MEDIA_TYPE), stored.name)


@read_or_write
@everyone_page
def reissue(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Print a letter anew."""

    def effects(paper: IssuedLetter) -> list[str]:
        sentences = [_("A new paper of %(number)s is issued.") % {"number": paper.letter.number}]
        if paper.version > 1:
            sentences.append(_("The former one says at the check that it was replaced."))
        return sentences

    return _act(
        request,
        letter_id,
        form=IdempotentForm(request.POST or None),
        do=lambda _data: reissue_letter(letter_id=letter_id, issuing=_issuing(request)),
        effects=effects,
        words=(_("Print %(number)s anew"), _("Print anew"), _("The new paper is issued.")),
    )


@read_or_write
@everyone_page
def revoke(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Revoke a letter with a reason."""

    def do(data: dict[str, Any]) -> AppointmentLetter:
        by, at = Actor.of_request(request), request.now
        return revoke_letter(letter_id=letter_id, reason=data["reason"], by=by, at=at)

    def effects(revoked: AppointmentLetter) -> list[str]:
        return [
            _("%(number)s (%(name)s) holds no more from today on.")
            % {"number": revoked.number, "name": revoked.instructor.name},
            _("The public check answers that it was revoked, and not why."),
            _("Reason: %(reason)s") % {"reason": revoked.revocation_reason},
            _("This cannot be undone; a new letter may be issued."),
        ]

    return _act(
        request,
        letter_id,
        form=ReasonForm(request.POST or None),
        do=do,
        effects=effects,
        words=(_("Revoke %(number)s"), _("Revoke the letter"), _("The letter is revoked.")),
    )


def _act(
    request: PersonRequest, letter_id: int, *, words: tuple[str, str, str], **steps: Any
) -> HttpResponse:
    """The two pages of an act on a valid letter; `words`: title, button, success message."""
    found = _get(request, letter_id)
    if not appoints(request.user):
        raise PermissionDenied
    address = reverse("instructors:letter", args=[found.pk])
    if found.state != LetterState.VALID and request.method != "POST":
        return redirect(address)
    title = words[0] % {"number": found.number}
    page: dict[str, object] = {
        "title": title,
        "submit_label": words[1],
        "done": words[2],
        "cancel_url": address,
        "crumbs": _crumbs(title, of=found),
    }
    pages = Confirmation(refusals=(LetterError,), location=address, page=page, **steps)
    return confirm_action(request, pages)


def _issuing(request: PersonRequest) -> Issuing:
    address = site_address(request) + address_of("check_document")
    return Issuing(Actor.of_request(request), request.now, address)


def _get(request: PersonRequest, letter_id: int) -> Any:
    """A visible letter with its state. Raises Http404."""
    on = request.today
    rows = AppointmentLetter.objects.visible_to(request.user, on).with_state(on)
    rows = rows.select_related("instructor__nominated_by", "revoked_by")
    return get_object_or_404(rows, pk=letter_id)


def _get_batch(file_id: int) -> list[IssuedLetter]:
    """The letters of a batch. Raises Http404."""
    papers = IssuedLetter.objects.filter(sheets=file_id).select_related("letter__instructor")
    found = list(papers.order_by("letter__number"))
    if not found:
        raise Http404
    return found


def _record_access(request: PersonRequest, papers: list[IssuedLetter]) -> None:
    with transaction.atomic():
        for paper in papers:
            record_act(
                act="open_letter",
                obj=paper.letter,
                by=Actor.of_request(request),
                at=request.now,
                after={"version": paper.version, "roles": acting_roles(request.user)},
            )


def _crumbs(here: str, *, of: AppointmentLetter | None = None) -> list[dict[str, str]]:
    crumbs = [{"label": _("Letters of appointment"), "url": reverse("instructors:letters")}]
    if of is not None:
        url = reverse("instructors:letter", args=[of.pk])
        crumbs.append({"label": of.number, "url": url})
    return [*crumbs, {"label": here, "url": ""}]
