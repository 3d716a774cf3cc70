"""Who is on the roster of a class, and who comes off it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import IdempotentForm, ReasonForm
from backstage.pages import conflict_page, incomplete_page
from backstage.submissions import carry_out_once, submit_once
from classes import lists
from classes.actions.enrolments import (
    Enrolled,
    Withdrawn,
    enrol_members,
    leave_waiting_list,
    withdraw_member,
)
from classes.actions.guests import look_up_guest_member
from classes.errors import RosterError
from classes.filters import roster_filters
from classes.forms.classes import EnrolForm, GuestForm
from classes.models import Enrolment
from classes.queries.classes import waiting_for
from classes.queries.overlaps import list_overlaps
from classes.views.classes import get_planned, render_class
from classes.views.joint import get_enrolling
from classes.views.words import name_overlaps, say_let_in
from config.lib.dates import format_day
from config.lib.filters import ListRequest
from config.lib.methods import read_or_write
from config.lib.paging import WORK_PAGE_SIZE, page_of
from courses.models import TrainingClass
from hours.queries.members import MemberLines
from schools.filters import chosen_organisation
from schools.permissions import staff_page

# The most that one form takes: more than any class holds.
MOST_AT_ONCE = 1_000


@read_or_write
@staff_page
def roster(request: PersonRequest, class_id: int) -> HttpResponse:
    """Choose trainees by audience, organisation and shortfall, or by name.

    A confirmation page shows everyone that the filter finds before they are enrolled.
    """
    training_class, schools, _own, _is_guest = get_enrolling(request, class_id)
    asked = ListRequest(request.user, request.GET, request.now)
    filters = roster_filters(asked, training_class)
    rows = lists.roster_candidates(asked, filters, schools)
    form = EnrolForm(request.POST or None)
    page = {
        "training_class": training_class,
        "page_obj": page_of(request, rows, WORK_PAGE_SIZE),
        "filters": filters,
        "organisation": chosen_organisation(filters),
        "known": set(Enrolment.objects.known_to(training_class).values_list("member", flat=True)),
        "all_label": _all_label(len(rows)),
    }
    if request.POST.get("act") == "all":
        return _enrol_all(request, training_class, form, rows, page)

    def do() -> None:
        _enrol(request, training_class, member_ids=form.cleaned_data["member"])

    to = _roster_of(training_class)
    if answer := submit_once(request, form, do=do, to=to, refusals=(RosterError,)):
        return answer
    status = 422 if form.errors else 200
    return render(request, "classes/class_roster.html", {**page, "form": form}, status=status)


def _enrol_all(
    request: PersonRequest,
    training_class: TrainingClass,
    form: EnrolForm,
    rows: MemberLines,
    page: dict[str, Any],
) -> HttpResponse:
    by, at = Actor.of_request(request), request.now
    address = reverse("classes:training_class", args=[training_class.pk])

    def do(_data: dict[str, Any]) -> Enrolled:
        members = _first_found(training_class, rows)
        return enrol_members(training_class_id=training_class.pk, member_ids=members, by=by, at=at)

    def effects(done: Enrolled) -> list[str]:
        overlaps = _overlapping(training_class, done)
        return [*_enrolled(done), *_left_out(rows), *([overlaps] if overlaps else [])]

    words = {
        "title": page["all_label"],
        "submit_label": page["all_label"],
        "done": _("Those found are enrolled."),
        "cancel_url": address,
        "crumbs": [
            {"label": training_class.title, "url": address},
            {"label": page["all_label"], "url": ""},
        ],
    }
    steps = Confirmation(
        form=form,
        do=do,
        effects=effects,
        refusals=(RosterError,),
        location=f"{address}#roster",
        page={**page, **words},
        template="classes/class_roster.html",
        message=lambda done: " ".join([*_enrolled(done), *_left_out(rows)]),
    )
    return confirm_action(request, steps)


def _all_label(n: int) -> str:
    """Label of the button that enrols everyone found, up to the most that one form takes."""
    if n > MOST_AT_ONCE:
        text = _("Enrol the first %(most)s of %(n)s found")
        return text % {"most": f"{MOST_AT_ONCE:,}", "n": f"{n:,}"}
    label = ngettext("Enrol the one found", "Enrol all %(n)s found", n)
    return label % {"n": f"{n:,}"}


def _first_found(training_class: TrainingClass, rows: MemberLines) -> list[int]:
    """Everyone found; if too many for one form, the first who are not known to the class.

    So the same button, pressed again, takes the next ones.
    """
    if len(rows) <= MOST_AT_ONCE:
        return [row.member_id for row in rows[0:MOST_AT_ONCE]]
    known = {
        *Enrolment.objects.known_to(training_class).values_list("member", flat=True),
        *training_class.waiting_list.values_list("member", flat=True),
    }
    first = rows[0 : MOST_AT_ONCE + len(known)]
    return [row.member_id for row in first if row.member_id not in known][:MOST_AT_ONCE]


def _left_out(rows: MemberLines) -> list[str]:
    """A sentence that more were found than one form takes, and what to do about it."""
    if len(rows) <= MOST_AT_ONCE:
        return []
    text = _(
        "%(n)s were found; at most %(most)s are enrolled at a time. "
        "The rest can be enrolled in the same way afterwards."
    )
    return [text % {"n": f"{len(rows):,}", "most": f"{MOST_AT_ONCE:,}"}]


def _enrol(request: PersonRequest, training_class: TrainingClass, **whom: Any) -> None:
    by, at = Actor.of_request(request), request.now
    done = enrol_members(training_class_id=training_class.pk, by=by, at=at, **whom)
    messages.success(request, " ".join(_enrolled(done)))
    if overlaps := _overlapping(training_class, done):
        messages.warning(request, overlaps)


def _roster_of(training_class: TrainingClass) -> str:
    """Where the roster stands on the page of a class."""
    return reverse("classes:training_class", args=[training_class.pk]) + "#roster"


def _overlapping(training_class: TrainingClass, done: Enrolled) -> str:
    """Name the newly enrolled members who are in another class then; nobody is refused for it."""
    overlaps = list_overlaps(training_class.pk, [member.pk for member in done.placed])
    n = len(overlaps)
    text = ngettext(
        "%(n)d of them is in another class at the same time: %(members)s.",
        "%(n)d of them are in another class at the same time: %(members)s.",
        n,
    )
    return text % {"n": n, "members": name_overlaps(overlaps)} if overlaps else ""


def _enrolled(done: Enrolled) -> list[str]:
    """The effects of an enrolment, in sentences."""
    sentences = []
    n = len(done.placed)
    if n:
        text = ngettext("%(n)d member is enrolled.", "%(n)d members are enrolled.", n)
        sentences.append(text % {"n": n})
    else:
        sentences.append(_("Nobody is added to the roster."))
    if done.waiting:
        n = len(done.waiting)
        text = ngettext(
            "%(n)d waits for a place: the class is full.",
            "%(n)d wait for a place: the class is full.",
            n,
        )
        sentences.append(text % {"n": n})
    if done.known:
        n = len(done.known)
        text = ngettext(
            "%(n)d was on the roster or the waiting list already.",
            "%(n)d were on the roster or the waiting list already.",
            n,
        )
        sentences.append(text % {"n": n})
    return sentences


@read_or_write
@staff_page
def enrol_guest(request: PersonRequest, class_id: int) -> HttpResponse:
    """Enrol a member of any school by number and name; the form is on the page of the class."""
    training_class = get_planned(request, class_id)
    if request.method != "POST":
        return redirect(_roster_of(training_class))
    form = GuestForm(request.POST)
    if form.is_valid():
        try:
            look_up_guest_member(form.guest, by=Actor.of_request(request), at=request.now)
        except RosterError as error:
            form.refuse(error)

    def do() -> None:
        _enrol(request, training_class, member_ids=(), guests=[form.guest])

    to = _roster_of(training_class)
    answer = submit_once(request, form, do=do, to=to, refusals=(RosterError,))
    return answer or render_class(request, class_id, guest=form)


@read_or_write
@staff_page
def withdraw(request: PersonRequest, class_id: int, member_id: int) -> HttpResponse:
    """Take a member off the roster, after a page that shows the effects."""
    training_class, _schools, own, is_guest = get_enrolling(request, class_id)
    rows = Enrolment.objects.filter(own, training_class=training_class, member=member_id)
    is_on_roster, enrolment = rows.lasting().exists(), rows.select_related("member").last()
    address = reverse("classes:training_class", args=[training_class.pk])
    if enrolment is None or (request.method != "POST" and not is_on_roster):
        return redirect(f"{address}#roster")
    by, at = Actor.of_request(request), request.now
    steps = Confirmation(
        form=ReasonForm(request.POST or None),
        do=lambda data: withdraw_member(
            training_class_id=training_class.pk,
            member_id=member_id,
            reason=data["reason"],
            by=by,
            at=at,
        ),
        effects=_withdrawn_of_guests if is_guest else _withdrawn,
        refusals=(RosterError,),
        location=f"{address}#roster",
        page={
            "title": _("Take %(name)s off the roster") % {"name": enrolment.member.name},
            "intro": training_class.title,
            "submit_label": _("Take the member off the roster"),
            "done": _("The member is off the roster."),
            "cancel_url": address,
        },
    )
    return confirm_action(request, steps)


def _withdrawn(done: Withdrawn) -> list[str]:
    """The effects of a withdrawal, in sentences."""
    return [*_withdrawn_of_guests(done), *say_let_in(done.let_in)]


def _withdrawn_of_guests(done: Withdrawn) -> list[str]:
    """The same for a school that joins: who gets the place may be of another, so is not named."""
    session = done.enrolment.training_class.sessions.filter(number=done.from_session).first()
    if session is None:
        sentences = [_("The member stays on every roll so far, and on none to come.")]
    else:
        facts = {"number": session.number, "day": format_day(session.held_on)}
        sentences = [
            _("From session %(number)d (%(day)s) on the member is on no roll of this class.")
            % facts
        ]
    return [*sentences, _("Rolls and credit hours of the sessions before stay as they are.")]


@read_or_write
@staff_page
def leave_waiting(request: PersonRequest, class_id: int, member_id: int) -> HttpResponse:
    """Take a member off the waiting list; a page first shows the member and the effects."""
    training_class, _schools, own, _is_guest = get_enrolling(request, class_id)
    address = reverse("classes:training_class", args=[training_class.pk])
    form = IdempotentForm(request.POST or None)
    if request.method != "POST":
        entry = waiting_for(training_class, request.today).filter(own, member=member_id).first()
        if entry is None:
            return redirect(address)
        context = {
            "training_class": training_class,
            "entry": entry,
            "form": form,
            "submit_label": _("Take the member off the list"),
            "cancel_url": f"{address}#waiting",
        }
        return render(request, "classes/leave_waiting_list.html", context)
    if not form.is_valid():
        return incomplete_page(request)
    by, at = Actor.of_request(request), request.now

    def do() -> None:
        leave_waiting_list(training_class_id=training_class.pk, member_id=member_id, by=by, at=at)
        messages.success(request, _("The member waits no longer."))

    try:
        return carry_out_once(request, form, do=do, to=f"{address}#waiting")
    except RosterError as error:
        return conflict_page(request, str(error))
