"""A class, from planning to roster."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import IdempotentForm, ReasonForm
from backstage.idempotency import KeyReusedError, hash_body, run_once
from backstage.pages import conflict_page
from backstage.record_forms import edit_record
from classes import lists
from classes.actions import calling_off
from classes.actions.enrolments import (
    Enrolled,
    LetIn,
    Withdrawn,
    change_class,
    enrol_members,
    leave_waiting_list,
    withdraw_member,
)
from classes.actions.guests import look_up_guest_member
from classes.errors import RosterError
from classes.filters import roster_filters
from classes.forms.classes import EnrolForm, GuestForm
from classes.forms.leaves import LeaveAnswerForm
from classes.forms.lecturers import remark_for_plan, remark_for_session
from classes.models import Enrolment, SupervisionNote
from classes.queries.classes import ClassPage, find_visited, get_class, get_class_page, waiting_for
from classes.queries.leaves import list_leaves
from classes.queries.overlaps import Overlap, list_overlaps, list_overlaps_of_session
from classes.queries.ratings import get_class_rating
from classes.views.joint import find_joint_class, get_enrolling
from config.lib.dates import format_day
from config.lib.filters import ListRequest, begin_with
from config.lib.methods import read_or_write
from config.lib.paging import WORK_PAGE_SIZE, page_of
from config.lib.periods import today
from courses.actions import plan_class
from courses.class_forms import ClassForm, ClassSessionForm, PlanForm
from courses.errors import CoursesError
from courses.models import Course, Session, TrainingClass
from courses.permissions import plans_classes, schools_planned_for
from hours.queries.members import MemberLines
from schools.filters import chosen_organisation
from schools.permissions import require_staff
from trainees.models import Member

# The most that one form takes: more than any class holds.
MOST_AT_ONCE = 1_000
# At most this many members with overlapping classes are named.
OVERLAPS_NAMED = 5
# At most this many members who got places at once are named.
PROMOTED_NAMED = 10


@read_or_write
def plan(request: PersonRequest) -> HttpResponse:
    """Plan a class from a preset."""
    require_staff(request)
    on = today()
    schools = schools_planned_for(request.user, on)
    if not schools:
        raise PermissionDenied
    asked = ListRequest(request.user, request.GET, timezone.now())
    wanted = begin_with(asked, day_name="first_day", keys=("school", "venue", "instructor"))
    form = PlanForm(request.POST or None, user=request.user, schools=schools, on=on, wanted=wanted)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(_set_up(request, form))
        except KeyReusedError:
            return conflict_page(request)
        except CoursesError as error:
            form.refuse(error)
    remark_for_plan(form)
    status = 422 if form.errors else 200
    context = {"form": form, "has_courses": Course.objects.exists()}
    return render(request, "classes/class_plan.html", context, status=status)


def _set_up(request: PersonRequest, form: PlanForm) -> str:
    by, at = Actor.of_request(request), timezone.now()

    def do() -> str:
        made = plan_class(plan=form.plan, by=by, at=at)
        messages.success(request, _("The class is planned. Next, choose its trainees."))
        # The roster page selects the audience of the class by default.
        address = reverse("classes:class_roster", args=[made.pk])
        named = form.cleaned_data["organisation"]
        return f"{address}?organisation={named.code}" if named else address

    return run_once(
        key=form.cleaned_data["idempotency_key"],
        user=request.user,
        act=f"plan_class:{request.user.pk}",
        body_hash=hash_body(request.POST),
        do=do,
    )


@require_safe
def training_class(request: PersonRequest, class_id: int) -> HttpResponse:
    """A class: its sessions, who is on its roster, and who waits."""
    require_staff(request)
    return find_joint_class(request, class_id) or render_class(request, class_id)


def render_class(
    request: PersonRequest,
    class_id: int,
    *,
    guest: GuestForm | None = None,
    leave: LeaveAnswerForm | None = None,
) -> HttpResponse:
    """The page of a class, with a returned form that has errors. Raises Http404."""
    page, now = _get_page(request, class_id), timezone.now()
    notes = SupervisionNote.objects.filter(session__in=page.sessions).current()
    returned = guest or leave
    context = {
        "page": page,
        "supervision": notes.select_related("session", "supervisor"),
        "materials": page.training_class.materials.count(),
        "rating": get_class_rating(page.training_class, now),
        "visited": find_visited(request.user, page, now),
        "guest": guest or GuestForm(),
        "answered": leave,
        "returned": returned,
        "errors_shown": bool(returned and returned.errors),
        "form": IdempotentForm(),
        "notices": page.training_class.notices.filter(taken_down_at=None),
        "leaves": list_leaves(request.user, page.training_class, now),
    }
    status = 422 if returned and returned.errors else 200
    return render(request, "classes/class.html", context, status=status)


@read_or_write
def change(request: PersonRequest, class_id: int) -> HttpResponse:
    """Change the title, mode and places of a class, and whether members may enrol themselves."""
    require_staff(request)
    training_class = get_planned(request, class_id)

    def store(form: ClassForm) -> None:
        done = change_class(
            obj=form.instance,
            by=Actor.of_request(request),
            at=timezone.now(),
            fields=form.stored_fields(),
            seen=form.cleaned_data["seen"],
        )
        _tell_let_in(request, done)

    form = edit_record(
        request,
        ClassForm,
        lambda: TrainingClass.objects.select_related("school").get(pk=training_class.pk),
        store,
    )
    return _answer_change(request, form, training_class, _("Change the class"))


@read_or_write
def change_session(request: PersonRequest, session_id: int) -> HttpResponse:
    """Change the course, lecturer, place or time of a session."""
    require_staff(request)
    visible = Session.objects.visible_to(request.user, today())
    session = get_object_or_404(visible, pk=session_id)
    training_class = get_planned(request, session.training_class_id)

    def store(form: ClassSessionForm) -> None:
        done = calling_off.change_session(
            obj=form.instance,
            by=Actor.of_request(request),
            at=timezone.now(),
            fields=form.stored_fields(),
            seen=form.cleaned_data["seen"],
            school_code=training_class.school.code,
        )
        _tell_let_in(request, done)
        if {"starts_at", "ends_at"} & set(form.changed_data):
            _warn_of_move(request, form.instance)

    rows = Session.objects.select_related("training_class__school", "venue")
    form = edit_record(request, ClassSessionForm, lambda: rows.get(pk=session_id), store)
    if form is not None:
        remark_for_session(form, form.instance)
    title = _("Change session %(number)d") % {"number": session.number}
    return _answer_change(request, form, training_class, title)


def _warn_of_move(request: PersonRequest, moved: Session) -> None:
    """Name the trainees who are in another class at a session's new time; the move stays."""
    overlaps = list_overlaps_of_session(moved)
    n = len(overlaps)
    text = ngettext(
        "%(n)d trainee of session %(number)d is in another class at its new time: %(members)s.",
        "%(n)d trainees of session %(number)d are in another class at its new time: %(members)s.",
        n,
    )
    if overlaps:
        facts = {"n": n, "number": moved.number, "members": _named(overlaps)}
        messages.warning(request, text % facts)


def _tell_let_in(request: PersonRequest, done: LetIn) -> None:
    if done.promoted:
        messages.success(request, _promoted(done.promoted))
    if done.passed_over:
        messages.warning(request, _passed_over(done.passed_over))


def _let_in(done: LetIn) -> list[str]:
    """Members of the waiting list who got a place, and those who still wait, in sentences."""
    sentences = [_promoted(done.promoted)] if done.promoted else []
    return [*sentences, _passed_over(done.passed_over)] if done.passed_over else sentences


def _promoted(members: list[Member]) -> str:
    text = ngettext(
        "%(names)s, first on the waiting list, gets the place.",
        "%(n)d members of the waiting list get places: %(names)s.",
        len(members),
    )
    return text % {"n": len(members), "names": _first_named(members)}


def _passed_over(members: list[Member]) -> str:
    text = ngettext(
        "%(names)s waits on: a member of no Party organisation on the day of the session gets no "
        "place.",
        "%(n)d members wait on, since they belong to no Party organisation on the day of the "
        "session: %(names)s.",
        len(members),
    )
    return text % {"n": len(members), "names": _first_named(members)}


def _first_named(members: list[Member]) -> str:
    """The names of the first members, and how many more."""
    named = [member.name for member in members[:PROMOTED_NAMED]]
    if more := len(members) - len(named):
        named.append(ngettext("%(n)d more member", "%(n)d more members", more) % {"n": more})
    return _(", ").join(named)


def _answer_change(
    request: PersonRequest, form: Any, training_class: TrainingClass, title: str
) -> HttpResponse:
    address = reverse("classes:training_class", args=[training_class.pk])
    if form is None:
        return redirect(address)
    context = {
        "form": form,
        "title": title,
        "submit_label": _("Save"),
        "cancel_url": address,
        "crumbs": [{"label": training_class.title, "url": address}, {"label": title, "url": ""}],
    }
    return render(request, "classes/edit.html", context, status=422 if form.errors else 200)


@read_or_write
def roster(request: PersonRequest, class_id: int) -> HttpResponse:
    """Choose trainees by audience, organisation and shortfall, or by name.

    A confirmation page shows everyone that the filter finds before they are enrolled.
    """
    require_staff(request)
    training_class, schools, _own, _is_guest = get_enrolling(request, class_id)
    asked = ListRequest(request.user, request.GET, timezone.now())
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
    if request.method == "POST" and form.is_valid():
        try:
            chosen = form.cleaned_data["member"]
            return redirect(_enrol(request, training_class, form, member_ids=chosen))
        except KeyReusedError:
            return conflict_page(request)
        except RosterError as error:
            form.add_error(None, str(error))
    status = 422 if form.errors else 200
    return render(request, "classes/class_roster.html", {**page, "form": form}, status=status)


def _enrol_all(
    request: PersonRequest,
    training_class: TrainingClass,
    form: EnrolForm,
    rows: MemberLines,
    page: dict[str, Any],
) -> HttpResponse:
    by, at = Actor.of_request(request), timezone.now()
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
        act=f"enrol_members:{training_class.pk}",
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


def _enrol(
    request: PersonRequest, training_class: TrainingClass, form: IdempotentForm, **whom: Any
) -> str:
    by, at = Actor.of_request(request), timezone.now()
    address = reverse("classes:training_class", args=[training_class.pk])

    def do() -> None:
        done = enrol_members(training_class_id=training_class.pk, by=by, at=at, **whom)
        messages.success(request, " ".join(_enrolled(done)))
        if overlaps := _overlapping(training_class, done):
            messages.warning(request, overlaps)

    return run_once(
        key=form.cleaned_data["idempotency_key"],
        user=request.user,
        act=f"enrol_members:{training_class.pk}",
        body_hash=hash_body(request.POST),
        location=f"{address}#roster",
        do=do,
    )


def _overlapping(training_class: TrainingClass, done: Enrolled) -> str:
    """Name the newly enrolled members who are in another class then; nobody is refused for it."""
    overlaps = list_overlaps(training_class.pk, [member.pk for member in done.placed])
    n = len(overlaps)
    text = ngettext(
        "%(n)d of them is in another class at the same time: %(members)s.",
        "%(n)d of them are in another class at the same time: %(members)s.",
        n,
    )
    return text % {"n": n, "members": _named(overlaps)} if overlaps else ""


def _named(overlaps: list[Overlap]) -> str:
    """The first of them, each with the other class, and how many more."""
    names = [
        _("%(name)s (“%(title)s”, %(day)s)")
        % {"name": overlap.name, "title": overlap.title, "day": format_day(overlap.held_on)}
        for overlap in overlaps[:OVERLAPS_NAMED]
    ]
    more = len(overlaps) - OVERLAPS_NAMED
    if more > 0:
        names.append(ngettext("%(n)d more member", "%(n)d more members", more) % {"n": more})
    return _("; ").join(names)


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
def enrol_guest(request: PersonRequest, class_id: int) -> HttpResponse:
    """Enrol a member of any school by number and name; the form is on the page of the class."""
    require_staff(request)
    training_class = get_planned(request, class_id)
    if request.method != "POST":
        return redirect(reverse("classes:training_class", args=[training_class.pk]) + "#roster")
    form = GuestForm(request.POST)
    if form.is_valid():
        try:
            look_up_guest_member(form.guest, by=Actor.of_request(request), at=timezone.now())
            return redirect(
                _enrol(request, training_class, form, member_ids=(), guests=[form.guest])
            )
        except KeyReusedError:
            return conflict_page(request)
        except RosterError as error:
            form.add_error("number", str(error))
    return render_class(request, class_id, guest=form)


@read_or_write
def withdraw(request: PersonRequest, class_id: int, member_id: int) -> HttpResponse:
    """Take a member off the roster, after a page that shows the effects."""
    require_staff(request)
    training_class, _schools, own, is_guest = get_enrolling(request, class_id)
    rows = Enrolment.objects.filter(own, training_class=training_class, member=member_id)
    is_on_roster, enrolment = rows.lasting().exists(), rows.select_related("member").last()
    address = reverse("classes:training_class", args=[training_class.pk])
    if enrolment is None or (request.method != "POST" and not is_on_roster):
        return redirect(f"{address}#roster")
    by, at = Actor.of_request(request), timezone.now()
    steps = Confirmation(
        form=ReasonForm(request.POST or None),
        act=f"withdraw_member:{training_class.pk}:{member_id}",
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
    return [*_withdrawn_of_guests(done), *_let_in(done.let_in)]


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
def leave_waiting(request: PersonRequest, class_id: int, member_id: int) -> HttpResponse:
    """Take a member off the waiting list; a page first shows the member and the effects."""
    require_staff(request)
    training_class, _schools, own, _is_guest = get_enrolling(request, class_id)
    address = reverse("classes:training_class", args=[training_class.pk])
    form = IdempotentForm(request.POST or None)
    if request.method != "POST":
        entry = waiting_for(training_class, today()).filter(own, member=member_id).first()
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
        return conflict_page(
            request, _("The form arrived incomplete. Load the page and try again."), 422
        )
    try:
        return redirect(_leave_waiting(request, training_class, member_id, form))
    except KeyReusedError:
        return conflict_page(request)
    except RosterError as error:
        return conflict_page(request, str(error))


def _leave_waiting(
    request: PersonRequest, training_class: TrainingClass, member_id: int, form: IdempotentForm
) -> str:
    by, at = Actor.of_request(request), timezone.now()

    def do() -> None:
        leave_waiting_list(training_class_id=training_class.pk, member_id=member_id, by=by, at=at)
        messages.success(request, _("The member waits no longer."))

    return run_once(
        key=form.cleaned_data["idempotency_key"],
        user=request.user,
        act=f"leave_waiting_list:{training_class.pk}:{member_id}",
        body_hash=hash_body(request.POST),
        location=reverse("classes:training_class", args=[training_class.pk]) + "#waiting",
        do=do,
    )


def _get_page(request: PersonRequest, class_id: int) -> ClassPage:
    try:
        return get_class_page(request.user, class_id, timezone.now(), today())
    except TrainingClass.DoesNotExist as error:
        raise Http404 from error


def get_planned(request: PersonRequest, class_id: int) -> TrainingClass:
    """A class that the person may plan. Raises Http404, PermissionDenied."""
    try:
        training_class = get_class(request.user, class_id, today())
    except TrainingClass.DoesNotExist as error:
        raise Http404 from error
    if not plans_classes(request.user, training_class.school_id, today()):
        raise PermissionDenied
    return training_class
