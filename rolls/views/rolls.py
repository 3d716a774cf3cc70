"""The clerk's pages: sessions, a roll, correcting a mark, and taking a roll back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.enums import Role
from accounts.origin import Actor
from accounts.requests import PersonRequest
from accounts.roles import holds_any
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import ReasonForm
from backstage.pages import incomplete_page
from backstage.submissions import carry_out_once, submit_once
from classes.enums import RollStage
from classes.models import SupervisionNote
from classes.permissions import supervises
from config.lib.errors import PortalError
from config.lib.filters import ListRequest
from config.lib.hours import format_hours, grammatical_number
from config.lib.methods import read_or_write
from config.lib.pages import address_of
from config.lib.paging import page_of
from courses.models import Session
from hours.actions.ledger import Posted
from hours.enums import DisputeState
from hours.models import Dispute
from rolls import lists
from rolls.actions.attendance import (
    correct_attendance,
    record_attendance,
    say_closed,
    submit_roll,
    withdraw_roll,
)
from rolls.enums import AttendanceStatus
from rolls.errors import MarkConflict, RollConflictError, RollError, RollIncompleteError
from rolls.filters import session_filters
from rolls.forms.rolls import MARK_PREFIX, SEEN_PREFIX, CorrectionForm, RollForm, parse_marks
from rolls.forms.sheet_numbers import FilledIn, SheetNumbersForm
from rolls.models import Attendance, MarkReceipt
from rolls.permissions import reminds_of_rolls, takes_rolls
from rolls.queries.reminders import list_remindable, with_reminders
from rolls.queries.rolls import RollPage, count_marks, format_mark, get_roll_page
from rolls.queries.untaken_marks import list_untaken_marks, say_why_untaken
from rolls.sign_in_sheet import mark_of_list
from schools.permissions import staff_page

# Problems listed above a rejected roll form; every row with a problem is marked as well.
PROBLEMS_SHOWN = 10


@require_safe
@staff_page
def sessions(request: PersonRequest) -> HttpResponse:
    """Sessions of the schools that the user may see, today's and unfinished ones first."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = session_filters(asked)
    rows = lists.sessions(asked, filters)
    page = page_of(request, rows)
    may_remind = reminds_of_rolls(request.user)
    with_reminders(page.object_list, asked.now, with_clerks=may_remind)
    context = {
        "page_obj": page,
        "to_remind": list_remindable(page.object_list, asked.now) if may_remind else [],
        "filters": filters,
        "export": "sessions",
        "may_plan": holds_any(request.user, Role.SCHOOL_CLERK, Role.DISTRICT_SCHOOL),
    }
    return render(request, "rolls/sessions.html", context)


@read_or_write
@staff_page
def roll(request: PersonRequest, session_id: int) -> HttpResponse:
    """The roll of a session: readable by all who may see it, taken by the school's clerks."""
    if request.method == "POST":
        return _write_roll(request, session_id)
    page = get_page(request, session_id)
    return _render_roll(request, page)


def get_page(request: PersonRequest, session_id: int) -> RollPage:
    try:
        return get_roll_page(request.user, session_id, request.today)
    except Session.DoesNotExist as error:
        raise Http404 from error


def _write_roll(request: PersonRequest, session_id: int) -> HttpResponse:
    form = RollForm(request.POST)
    if not form.is_valid():
        return incomplete_page(request)
    try:
        marks = parse_marks(request.POST, MARK_PREFIX)
        seen = parse_marks(request.POST, SEEN_PREFIX)
    except ValueError:
        return incomplete_page(request)
    act = form.cleaned_data["act"]
    if act in {"fill", "numbers"} or SheetNumbersForm.is_typed(request.POST):
        return _fill(request, get_page(request, session_id), marks, seen, by_number=act != "fill")
    action = submit_roll if act == "submit" else record_attendance
    by, at = Actor.of_request(request), request.now
    try:
        return carry_out_once(
            request,
            form,
            do=lambda: action(session_id=session_id, marks=marks, seen=seen, by=by, at=at),
            to=reverse("rolls:roll", args=[session_id]) + "?done=" + act,
        )
    except Session.DoesNotExist as error:
        raise Http404 from error
    except PortalError as error:
        return _refuse(request, session_id, marks, seen, error)


def _refuse(
    request: PersonRequest,
    session_id: int,
    marks: dict[int, str],
    seen: dict[int, str],
    error: PortalError,
) -> HttpResponse:
    """The form again; or the roll, if another one was faster and submitted the same marks."""
    page = get_page(request, session_id)
    if page.is_submitted and _all_stand(page, marks):
        return redirect(f"{reverse('rolls:roll', args=[session_id])}?done=stands")
    return _render_roll(request, page, marks, seen, error=error)


def _all_stand(page: RollPage, marks: dict[int, str]) -> bool:
    """Whether the roll holds every one of these marks; an empty one says nothing."""
    held = {line.member_id: line.status for line in page.lines}
    return all(held.get(member) == status for member, status in marks.items() if status)


def _fill(
    request: PersonRequest,
    page: RollPage,
    marks: dict[int, str],
    seen: dict[int, str],
    *,
    by_number: bool,
) -> HttpResponse:
    """The form with the rest marked present, or filled in by sheet numbers; nothing is saved."""
    if not by_number:
        own = {line.member_id for line in page.lines if line.is_own}
        rest = AttendanceStatus.PRESENT.value
        filled = {m: status or ("" if m in own else rest) for m, status in marks.items()}
        return _render_roll(request, page, filled, seen)
    numbers = SheetNumbersForm(request.POST, count=len(page.lines))
    if not numbers.is_valid():
        return _render_roll(request, page, marks, seen, numbers=numbers)
    entered = numbers.fill(marks, [line.member_id for line in page.lines])
    return _render_roll(request, page, entered.marks, seen, entered=entered)


def _render_roll(
    request: PersonRequest,
    page: RollPage,
    marks: dict[int, str] | None = None,
    seen: dict[int, str] | None = None,
    *,
    error: PortalError | None = None,
    numbers: SheetNumbersForm | None = None,
    entered: FilledIn | None = None,
) -> HttpResponse:
    """The page, with the input of a rejected form; `numbers` is the form of wrong sheet numbers.

    `entered` is the effect of valid sheet numbers.
    """
    now = request.now
    filled = marks is not None and error is None and numbers is None
    missing = set(error.member_ids) if isinstance(error, RollIncompleteError) else set()
    conflicts = error.conflicts if isinstance(error, RollConflictError) else []
    status = 409 if conflicts else 422 if error or numbers else 200
    can_change = page.may_take and not page.settled
    can_take = can_change and not page.is_submitted and not page.session.is_called_off
    opens_on = page.session.held_on if page.session.held_on > request.today else None
    if not can_take:
        marks = seen = None  # rows and counts are those of the roll, whatever the form held
    if marks is None and can_take:
        marks = {line.member_id: line.suggested for line in page.lines}
    rows = _rows(page, marks, seen, conflicts, missing)
    problems = [row for row in rows if row["conflict"] or row["missing"]]
    notes = SupervisionNote.objects.filter(session=page.session)
    with_reminders([page.session], now, with_clerks=reminds_of_rolls(request.user))
    context = {
        "page": page,
        "rows": rows,
        "counts": count_marks((row["chosen"] for row in rows), _unmarked(page)),
        "problems": problems[:PROBLEMS_SHOWN],
        "problems_left": len(problems[PROBLEMS_SHOWN:]),
        "form": RollForm(),
        "can_take": can_take,
        "opens_on": opens_on,
        "has_begun": page.session.starts_at <= now,
        "lasts": page.session.ends_at > now,
        "unsaved": any(row["is_unsaved"] for row in rows),
        "can_correct": can_change and page.is_submitted and not page.is_closed,
        "reopening_form": ReasonForm(),
        "statuses": AttendanceStatus,
        "error": error,
        "errors_shown": bool(error or numbers),
        "filled": filled,
        "entered": "\n".join(filled_in(entered)) if entered else "",
        "numbers": numbers or SheetNumbersForm(count=len(page.lines)),
        "list_mark": mark_of_list(page.lines),
        "untaken": _untaken(page),
        "files": page.session.files.select_related("file"),
        "walk_ins": page.session.walk_ins.select_related("member"),
        "supervision": list(notes.current().select_related("supervisor")),
        "may_supervise": supervises(request.user) and page.session.starts_at <= now,
        "done": request.GET.get("done", ""),
        "signature_places": [_("Clerk"), _("Lecturer")],
    }
    return render(request, "rolls/roll.html", context, status=status)


def _rows(
    page: RollPage,
    marks: dict[int, str] | None,
    seen: dict[int, str] | None,
    conflicts: list[MarkConflict],
    missing: set[int],
) -> list[dict[str, Any]]:
    """Lines with the chosen mark, the mark that the form showed, and any problem.

    After a conflict the other clerk's value counts as seen, so sending again overwrites it.
    """
    other = {conflict.member_id: conflict for conflict in conflicts}
    rows = []
    for line in page.lines:
        chosen = line.status if marks is None else marks.get(line.member_id, line.status)
        before = line.status if seen is None else seen.get(line.member_id, line.status)
        conflict = other.get(line.member_id)
        if conflict and not conflict.yours:
            chosen = conflict.theirs
        # Accepted leave is only proposed; it is no mark until it is saved.
        proposed = not line.status and chosen != "" and chosen == line.suggested
        rows.append(
            {
                "line": line,
                "chosen": chosen,
                "seen": conflict.theirs if conflict else before,
                "conflict": conflict,
                "mine_label": _said(page, conflict.yours) if conflict else "",
                "theirs_label": format_mark(conflict.theirs) if conflict else "",
                "missing": line.member_id in missing,
                "proposed": proposed,
                "is_unsaved": bool(chosen) and chosen != line.status and not proposed,
            }
        )
    return rows


def _untaken(page: RollPage) -> list[tuple[MarkReceipt, str, str]]:
    """For those who take the roll: device marks not applied, why, and the current mark."""
    if not page.may_take or page.session.is_called_off:
        return []
    return [
        (receipt, say_why_untaken(receipt), format_mark(receipt.current_status or ""))  # type: ignore[attr-defined]
        for receipt in list_untaken_marks(page.session)
    ]


def _unmarked(page: RollPage) -> str:
    """The label of a trainee without a mark on this roll."""
    return _("expected") if page.expects_everyone else format_mark("")


def _said(page: RollPage, status: str) -> str:
    return format_mark(status) if status else _unmarked(page)


@read_or_write
@staff_page
def correction(request: PersonRequest, attendance_id: int) -> HttpResponse:
    """Correct one mark of a submitted roll, with a reason."""
    on = request.today
    correctable = Attendance.objects.correctable_by(request.user, on)
    rows = Attendance.objects.visible_to(request.user, on) | correctable
    joined = ("member", "organisation", "session__training_class", "session__roll", "marked_by")
    attendance = get_object_or_404(rows.select_related(*joined), pk=attendance_id)
    if not correctable.filter(pk=attendance_id).exists():
        return _refuse_correction(request, attendance)
    waiting = Dispute.objects.waiting_for(request.user, on)
    dispute = waiting.filter(assessment__in=attendance.assessments).first()
    now_shown = {"new_status": attendance.status, "seen_version": attendance.version}
    form = CorrectionForm(request.POST or None, initial=now_shown)
    if answer := _correct(request, attendance, dispute, form):
        return answer
    context = {
        "attendance": attendance,
        "dispute": dispute,
        "said": dispute.entries.last() if dispute else None,
        "is_closed": attendance.session.roll.stage == RollStage.CLOSED,
        "back": _back(attendance, dispute),
        "form": form,
        "corrections": list(attendance.corrections.select_related("corrected_by")),
        "errors_shown": bool(form.errors),
    }
    status = 422 if form.errors else 200
    return render(request, "rolls/correction.html", context, status=status)


def _refuse_correction(request: PersonRequest, attendance: Attendance) -> HttpResponse:
    """Return to the roll, with a message why the mark cannot be corrected here."""
    this = Attendance.objects.filter(pk=attendance.pk)
    takes = takes_rolls(request.user, request.today, "session__training_class__school")
    if not this.filter(takes).exists():
        if not holds_any(request.user, Role.ORGANISATION_DEPARTMENT) or request.method == "POST":
            raise PermissionDenied
        messages.warning(request, _("You correct a mark while you decide an appeal about it."))
    elif attendance.session.roll.stage == RollStage.CLOSED:
        messages.warning(request, say_closed())
    return redirect("rolls:roll", attendance.session_id)


def _back(attendance: Attendance, dispute: Dispute | None) -> str:
    """Where a correction returns to: the answer of the dispute about it, or else the roll."""
    if dispute is None:
        return reverse("rolls:roll", args=[attendance.session_id])
    if dispute.state == DisputeState.OPEN:
        return address_of("answer_dispute", dispute.pk)
    return address_of("decide_dispute", dispute.pk)


def _correct(
    request: PersonRequest, attendance: Attendance, dispute: Dispute | None, form: CorrectionForm
) -> HttpResponse | None:
    back = _back(attendance, dispute)

    def do() -> None:
        correct_attendance(
            attendance_id=attendance.pk,
            seen_version=form.cleaned_data["seen_version"],
            new_status=form.cleaned_data["new_status"],
            reason=form.cleaned_data["reason"],
            by=Actor.of_request(request),
            at=request.now,
        )

    return submit_once(
        request,
        form,
        do=do,
        to=back if dispute else f"{back}?done=corrected#member-{attendance.member_id}",
        done=_("The mark is corrected. Now say so to the member.") if dispute else "",
        refusals=(RollError,),
    )


@read_or_write
@staff_page
def withdrawal(request: PersonRequest, session_id: int) -> HttpResponse:
    """Return a submitted roll to draft, after a page that shows the effects."""
    page = get_page(request, session_id)
    if not page.may_take:
        raise PermissionDenied
    address = reverse("rolls:roll", args=[session_id])
    if (not page.is_submitted or page.is_closed) and request.method != "POST":
        return redirect(address)
    by, at = Actor.of_request(request), request.now
    title = page.session.training_class.title
    steps = Confirmation(
        form=ReasonForm(request.POST or None),
        do=lambda data: withdraw_roll(session_id=session_id, reason=data["reason"], by=by, at=at),
        effects=lambda posted: _withdrawn(page, posted),
        refusals=(RollError,),
        location=f"{address}?done=withdrawn",
        page={
            "title": _("Take the roll back: %(title)s") % {"title": title},
            "intro": _(
                "For a roll that was submitted by mistake, or of the wrong class. "
                "To change a few people, correct their marks instead."
            ),
            "submit_label": _("Take the roll back and reverse its hours"),
            "done": _("The roll is a draft again; its hours are reversed."),
            "cancel_url": address,
        },
    )
    return confirm_action(request, steps)


def _withdrawn(page: RollPage, posted: Posted) -> list[str]:
    """The effects of taking back a roll, in sentences."""
    sentences = [
        ngettext(
            "%(hours)s credit hour of this session is reversed.",
            "%(hours)s credit hours of this session are reversed.",
            grammatical_number(page.posted),
        )
        % {"hours": format_hours(page.posted)},
        _("The roll is a draft again with all its marks; it can be changed and submitted anew."),
        _("Members see the change and its reason on their page."),
    ]
    if posted.others:
        text = ngettext(
            "%(n)d other line of these members changes: what this roll kept it from comes back.",
            "%(n)d other lines of these members change: what this roll kept them from comes back.",
            posted.others,
        )
        sentences.append(text % {"n": posted.others})
    return sentences


def filled_in(filled: FilledIn) -> list[str]:
    """The effects of sheet numbers on a roll form; steps that changed nobody are left out."""
    counts = [_("%(mark)s %(n)d") % {"mark": mark, "n": n} for mark, n in filled.named if n]
    sentences = []
    if counts:
        sentences.append(
            _("Filled in from the sheet: %(marks)s.") % {"marks": _(", ").join(counts)}
        )
    if filled.changed:
        text = ngettext(
            "Of them %(n)d had another mark before.",
            "Of them %(n)d had another mark before.",
            filled.changed,
        )
        sentences.append(text % {"n": filled.changed})
    if filled.rest:
        text = ngettext(
            "%(n)d other person without a mark is set to absent.",
            "%(n)d others without a mark are set to absent.",
            filled.rest,
        )
        sentences.append(text % {"n": filled.rest})
    if filled.unmarked:
        text = ngettext(
            "%(n)d person has no mark still.",
            "%(n)d people have no mark still.",
            filled.unmarked,
        )
        sentences.append(text % {"n": filled.unmarked})
    return [*sentences, _("Nothing is saved yet: compare with the sheet, then save or submit.")]
