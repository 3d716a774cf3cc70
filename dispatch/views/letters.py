"""Booking letters: the list, a letter, its form, and what the school does with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.entry import page_for
from accounts.enums import Role
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import IdempotentForm, ReasonForm
from backstage.submissions import submit_once
from backstage.views import attach
from config.lib.dates import format_moment
from config.lib.documents import DocumentError, set_document
from config.lib.filters import ListRequest, begin_with
from config.lib.methods import read_or_write, write_only
from config.lib.paging import page_of
from dispatch import lists
from dispatch.actions.letters import (
    answer_inquiry,
    cancel_letter,
    change_letter,
    confirm_letter,
    copy_letter,
    evaluate_letter,
    submit_letter,
    write_letter,
)
from dispatch.enums import AT_THE_DESK, LetterStage
from dispatch.errors import BookingError, DispatchError
from dispatch.filters import letter_filters
from dispatch.forms import ChangedLetterForm, EvaluationForm, LetterForm, WordForm
from dispatch.letter_changes import describe_changes
from dispatch.letter_paper import write_paper
from dispatch.models import BookingLetter, BookingStep
from dispatch.permissions import books_for, dispatches, schools_booked_for
from dispatch.queries.candidates import check_letter
from dispatch.queries.letters import LetterPage, get_letter_page, list_acts
from dispatch.queries.mix import MixChange, asked_by, list_mix_changes, wanted_by
from dispatch.views.lecturer_choice import remark_for_letter
from dispatch.views.letter_mix import describe
from schools.enums import Audience
from schools.models import District
from schools.permissions import staff_page
from schools.views.acting import acting, sent

# What a link asks the form of a new letter to begin with, beside its first day.
_BEGINS_WITH = ("school", "venue", "preferred_instructor", "course_1")


@require_safe
@staff_page
def letters(request: PersonRequest) -> HttpResponse:
    """The booking letters of the person's schools, the newest first."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = letter_filters(asked)
    context = {
        "page_obj": page_of(request, lists.letters(asked, filters)),
        "filters": filters,
        "export": "booking-letters",
        "may_book": schools_booked_for(request.user, asked.today).exists(),
    }
    return render(request, "dispatch/letters.html", context)


@require_safe
@staff_page
def letter(request: PersonRequest, letter_id: int) -> HttpResponse:
    """A letter: what it asks for, its schedule with the lecturers, and what was said."""
    page, on = get_letter_page(get_letter(request, letter_id)), request.today
    acts = list_acts(page, request.user, on)
    # Once it is scheduled, its hours stand in the plan of the year itself.
    is_asked = page.letter.stage in AT_THE_DESK | {LetterStage.DRAFT}
    context = {
        "page": page,
        "mixes": describe(_mix_changes(page, on)) if is_asked else [],
        "acts": acts,
        "sees_reasons": dispatches(request.user),
        "findings": check_letter(page.letter, on) if acts.submit else (),
        "crumbs": crumbs_to(page.letter.number),
    }
    return render(request, "dispatch/letter.html", context)


def _mix_changes(page: LetterPage, on: date) -> list[MixChange]:
    """What the letter would do to the mix of the year of its first choice."""
    begins = page.dates[0].day if page.dates else on
    wanted = wanted_by(asked_by(page.items), page.letter.preset)
    return list_mix_changes(page.letter.school_id, wanted, begins=begins, today=on)


@require_safe
@staff_page
def paper(request: PersonRequest, letter_id: int) -> HttpResponse:
    """The letter as a PDF, in the language of the installation; it names nobody who is a member."""
    found = get_letter(request, letter_id)
    try:
        with translation.override(settings.LANGUAGE_CODE):
            page = get_letter_page(found)
            pdf = set_document("booking_letter", write_paper(page, District.objects.first()))
            name = _("Booking-letter-%(number)s") % {"number": found.number}
    except DocumentError as error:
        messages.error(request, str(error))
        return redirect(letter_address(found))
    return attach(HttpResponse(pdf, content_type="application/pdf"), f"{name}.pdf")


@read_or_write
@page_for(Role.SCHOOL_CLERK)
def write(request: PersonRequest) -> HttpResponse:
    """Write a new letter."""
    if not schools_booked_for(request.user, request.today).exists():
        raise PermissionDenied

    def do(form: LetterForm) -> BookingLetter:
        school = form.cleaned_data["school"]
        return write_letter(school_id=school.pk, content=form.content, **acting(request))

    return _fill_in(request, None, do)


@read_or_write
@staff_page
def change(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Change a draft; or a letter about which the district asks, together with the answer."""
    found = _get_own(request, letter_id)
    if found.stage == LetterStage.INQUIRY:
        return _change_and_answer(request, found)
    if found.stage != LetterStage.DRAFT and request.method != "POST":
        return redirect(letter_address(found))

    def do(form: LetterForm) -> BookingLetter:
        change_letter(letter_id=letter_id, content=form.content, **acting(request))
        return found

    return _fill_in(request, found, do)


def _change_and_answer(request: PersonRequest, found: BookingLetter) -> HttpResponse:
    """The form of the letter with the answer; its check page names what changes."""
    on = request.today
    schools = schools_booked_for(request.user, on)
    form = ChangedLetterForm(sent(request), user=request.user, schools=schools, on=on, letter=found)

    def do(data: dict[str, Any]) -> None:
        answer_inquiry(
            letter_id=found.pk, answer=data["reason"], content=form.content, **acting(request)
        )

    def effects(letter: BookingLetter) -> list[str]:
        step = last_step(letter)
        return [
            *(str(words) for words in describe_changes(step.changes)),
            *_warned(step),
            _("The letter goes back to the district school."),
        ]

    remark_for_letter(form, request.user)
    words = (_("Change the letter and answer"), _("Answer"), _("The district has the answer."))
    extra = {"question": get_letter_page(found).question, "is_checked": True}
    act = LetterAct(form, do, effects, words, "dispatch/letter_form.html", extra)
    return decide(request, found, act)


def last_step(letter: BookingLetter) -> BookingStep:
    """The step that was taken just now."""
    return letter.steps.order_by("-pk")[0]


def _warned(step: BookingStep) -> list[str]:
    """What the district will be warned of, for the check page of the school."""
    return [_("The district will see a warning: %s") % text for text in step.warnings]


def _fill_in(
    request: PersonRequest,
    found: BookingLetter | None,
    do: Callable[[LetterForm], BookingLetter],
) -> HttpResponse:
    """The form of a letter; saved, it leads to the page of the letter."""
    on = request.today
    schools = schools_booked_for(request.user, on)
    asked = ListRequest(request.user, request.GET, request.now)
    form = LetterForm(
        sent(request),
        user=request.user,
        schools=schools,
        on=on,
        letter=found,
        wanted={} if found else _wanted(asked),
    )
    answer = submit_once(
        request,
        form,
        do=lambda: letter_address(do(form)),
        done=_("The draft is saved. Read it, then submit it."),
        refusals=(DispatchError,),
    )
    if answer:
        return answer
    remark_for_letter(form, request.user)
    title = _("Change the booking letter") if found else _("Write a booking letter")
    context = {
        "form": form,
        "title": title,
        "submit_label": _("Save the draft"),
        "cancel_url": letter_address(found) if found else reverse("dispatch:letters"),
        "crumbs": crumbs_to(title, of=found),
    }
    status = 422 if form.errors else 200
    return render(request, "dispatch/letter_form.html", context, status=status)


def _wanted(asked: ListRequest) -> dict[str, Any]:
    """What a link asks a new letter to begin with: rows, a day, and an audience."""
    wanted = begin_with(asked, day_name="day_1", keys=_BEGINS_WITH)
    audience = asked.text("audience")
    return wanted | ({"audience": audience} if audience in Audience else {})


@write_only
@staff_page
def copy(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Copy a letter into a new draft."""
    found = _get_own(request, letter_id)
    try:
        made = copy_letter(letter_id=found.pk, **acting(request))
    except BookingError as error:
        messages.error(request, error.message)
        return redirect(letter_address(found))
    messages.success(request, _("The letter is copied. Name the dates, then submit it."))
    return redirect("dispatch:change_letter", made.pk)


@read_or_write
@staff_page
def submit(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Submit a draft to the district school."""
    found = _get_own(request, letter_id)
    act = LetterAct(
        IdempotentForm(sent(request)),
        lambda _data: submit_letter(letter_id=letter_id, **acting(request)),
        lambda letter: [
            *_warned(last_step(letter)),
            _("The district school reads the letter and schedules it."),
            _("It can be taken back, and changed only where the district asks about it."),
        ],
        (
            _("Submit the booking letter"),
            _("Submit"),
            _("The district school has the letter."),
        ),
    )
    return decide(request, found, act)


@read_or_write
@staff_page
def answer(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Answer the question of the district school."""
    found = _get_own(request, letter_id)
    act = LetterAct(
        WordForm(sent(request), label=_("Your answer")),
        lambda data: answer_inquiry(letter_id=letter_id, answer=data["reason"], **acting(request)),
        lambda _letter: [_("The letter goes back to the district school.")],
        (_("Answer the district school"), _("Answer"), _("The district has the answer.")),
        extra={
            "about": "dispatch/question.html",
            "question": get_letter_page(found).question,
            "letter": found,
        },
    )
    return decide(request, found, act)


@read_or_write
@staff_page
def confirm(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Agree to the schedule."""
    found = _get_own(request, letter_id)

    def effects(letter: BookingLetter) -> list[str]:
        names = {"title": letter.title, "school": letter.school.name}
        sessions = letter.engagements.live().select_related("course", "instructor")
        return [
            _("The class “%(title)s” is planned for %(school)s.") % names,
            *(
                _("Session %(number)d, %(moment)s: %(course)s, %(lecturer)s")
                % {
                    "number": row.number,
                    "moment": format_moment(row.starts_at),
                    "course": row.course,
                    "lecturer": row.instructor,
                }
                for row in sessions
            ),
        ]

    act = LetterAct(
        IdempotentForm(sent(request)),
        lambda _data: confirm_letter(letter_id=letter_id, **acting(request)),
        effects,
        (
            _("Agree to the schedule"),
            _("Agree"),
            _("The class is planned. Next, choose its trainees."),
        ),
    )
    return decide(request, found, act)


@read_or_write
@staff_page
def cancel(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Take a letter back."""
    found = _get_own(request, letter_id)

    def effects(letter: BookingLetter) -> list[str]:
        said = [_("The letter is cancelled. Lecturers and venue are free again.")]
        if letter.training_class_id:
            said.append(_("The sessions of its class that have not begun are called off."))
        return said

    act = LetterAct(
        ReasonForm(sent(request)),
        lambda data: cancel_letter(letter_id=letter_id, reason=data["reason"], **acting(request)),
        effects,
        (
            _("Take the letter back"),
            pgettext("a booking letter", "Take it back"),
            _("The letter is cancelled."),
        ),
    )
    return decide(request, found, act)


@read_or_write
@staff_page
def evaluate(request: PersonRequest, letter_id: int) -> HttpResponse:
    """Say how the class was."""
    found = _get_own(request, letter_id)
    act = LetterAct(
        EvaluationForm(sent(request)),
        lambda data: evaluate_letter(
            letter_id=letter_id, rating=data["rating"], word=data["reason"], **acting(request)
        ),
        lambda _letter: [_("The district school reads rating and words.")],
        (_("Evaluate the class"), _("Evaluate"), _("Thank you: the district reads it.")),
    )
    return decide(request, found, act)


@dataclass(frozen=True)
class LetterAct:
    """An act on a letter: its form, what it does with the data, and its effects in sentences.

    `words` are the title, the button and the success message; `extra` is what its pages show
    besides, the first of them by `template`.
    """

    form: IdempotentForm
    do: Callable[[dict[str, Any]], Any]
    effects: Callable[[BookingLetter], list[str]]
    words: tuple[str, str, str]
    template: str = "backstage/fill_in.html"
    extra: Mapping[str, object] = field(default_factory=dict)


def decide(request: PersonRequest, found: BookingLetter, act: LetterAct) -> HttpResponse:
    """The two pages of an act on a letter."""
    title, label, done = act.words

    def do(data: dict[str, Any]) -> BookingLetter:
        act.do(data)
        return BookingLetter.objects.select_related("school").get(pk=found.pk)

    pages = Confirmation(
        form=act.form,
        do=do,
        effects=act.effects,
        refusals=(DispatchError,),
        location=letter_address(found),
        page={
            "title": title,
            "intro": f"{found.number} · {found.title}",
            "submit_label": label,
            "done": done,
            "cancel_url": letter_address(found),
            "crumbs": crumbs_to(title, of=found),
            **act.extra,
        },
        template=act.template,
    )
    return confirm_action(request, pages)


def _get_own(request: PersonRequest, letter_id: int) -> BookingLetter:
    """A letter that the person writes for their school. Raises like `get_letter`."""
    found = get_letter(request, letter_id)
    if not books_for(request.user, found.school_id, request.today):
        raise PermissionDenied
    return found


def get_letter(request: PersonRequest, letter_id: int) -> BookingLetter:
    """A visible letter. Raises Http404."""
    rows = BookingLetter.objects.visible_to(request.user, request.today).with_detail()
    rows = rows.select_related("training_class", "written_by")
    return get_object_or_404(rows, pk=letter_id)


def letter_address(found: BookingLetter) -> str:
    """The page of a letter."""
    return reverse("dispatch:letter", args=[found.pk])


def crumbs_to(here: str, *, of: BookingLetter | None = None) -> list[dict[str, str]]:
    """The breadcrumbs from the list of letters to a page."""
    crumbs = [{"label": _("Booking letters"), "url": reverse("dispatch:letters")}]
    if of is not None:
        crumbs.append({"label": of.number, "url": letter_address(of)})
    return [*crumbs, {"label": here, "url": ""}]
