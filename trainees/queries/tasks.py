"""What is due to a person in this app: the home page's tasks."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import SLIP_ROLES, Role
from accounts.models import User
from accounts.roles import holds_any
from backstage.tasklist import TASKS_OF_A_KIND, Task
from config.lib.dates import write_clock, write_day
from config.lib.hours import format_hours, grammatical_number
from config.lib.periods import local_date
from courses.models import Session
from courses.querysets import SessionQuerySet
from schools.models import School
from trainees.enums import AccountState, ImportState, RollState
from trainees.filters import MISSING, REOPENED, RETURNED, REVIEW
from trainees.models import Member, RegisterImport, RollReopening, Study, SupervisionDraft, WalkIn
from trainees.permissions import (
    RECORDER_ROLES,
    REVIEWER_ROLES,
    answers_reopenings,
    sees_schools,
    sees_studies,
    serves_organisations,
    supervises,
)
from trainees.queries.clocks import ClockState
from trainees.queries.deadlines import is_due, is_overdue
from trainees.queries.duplicates import count_to_decide
from trainees.queries.hours import MemberYear, get_own_year
from trainees.queries.materials import list_taught_with_materials
from trainees.queries.ratings import list_to_rate
from trainees.queries.requirements import Outcome
from trainees.queries.rolls import RollDue
from trainees.queries.slips import count_without_account
from trainees.queries.timetable import list_classes_with_leaves

IMPORTS_SHOWN = 5
# Sessions that a lecturer teaches next: about a month of them.
SESSIONS_SHOWN = 8
# Rolls named in a task; the list that it leads to has all of them.
ROLLS_NAMED = 3


def roll_tasks(user: User, now: datetime) -> list[Task]:
    """A clerk takes today's rolls and submits what is over; others follow up all that is over."""
    if not sees_schools(user):
        return []
    takes, today = holds_any(user, Role.SCHOOL_CLERK), local_date(now)
    url = reverse("trainees:sessions")
    sessions = Session.objects.visible_to(user, today).to_be_held()
    over = sessions.filter(is_due(now))
    tasks = []
    if takes:
        over = over.exclude(held_on=today)
        n = sessions.filter(held_on=today).exclude(roll__state=RollState.SUBMITTED).count()
        label = ngettext("Take %(n)d roll today", "Take %(n)d rolls today", n)
        if n:
            tasks.append(Task(label % {"n": n}, f"{url}?due={RollDue.TODAY}", due=_("today")))
    counts = over.aggregate(
        n=Count("pk"), oldest=Min("held_on"), overdue=Count("pk", filter=is_overdue(now))
    )
    if due := counts["n"]:
        if takes:
            label = ngettext("Submit %(n)d roll", "Submit %(n)d rolls", due)
        else:
            label = ngettext(
                "Follow up %(n)d roll not submitted", "Follow up %(n)d rolls not submitted", due
            )
        since = _("since %(first)s") % {"first": write_day(counts["oldest"])}
        address = f"{url}?due={RollDue.DUE if takes else MISSING}"
        detail = _describe_rolls(over, due, counts["overdue"])
        tasks.append(Task(label % {"n": due}, address, detail, due=since, late=True))
    return tasks


def _describe_rolls(sessions: SessionQuerySet, n: int, overdue: int) -> str:
    """Which rolls are due, what that means, and how many are past their deadline."""
    sentences = [
        _("%(names)s.") % {"names": _name_rolls(sessions, n)},
        _("The sessions are over; nobody has these hours yet."),
    ]
    if overdue:
        text = ngettext("%(n)d is past its deadline.", "%(n)d are past their deadline.", overdue)
        sentences.append(text % {"n": overdue})
    return " ".join(sentences)


def _name_rolls(sessions: SessionQuerySet, n: int) -> str:
    """The oldest of these `n` sessions by class, number and day, and how many more there are."""
    shown = sessions.select_related("training_class").order_by("held_on", "starts_at", "pk")
    names = [
        _("%(session)s (%(day)s)") % {"session": session, "day": write_day(session.held_on)}
        for session in shown[:ROLLS_NAMED]
    ]
    if n > ROLLS_NAMED:
        more = n - ROLLS_NAMED
        names.append(ngettext("%(n)d more", "%(n)d more", more) % {"n": more})
    return _("; ").join(names)


def reopening_tasks(user: User, now: datetime) -> list[Task]:
    """Requests to reopen rolls for whoever answers them; reopened rolls for their clerk."""
    on = local_date(now)
    tasks = []
    if answers_reopenings(user):
        # Along the join that it needs anyway: a second one over all sessions may be planned badly.
        schools = School.objects.visible_to(user, on)
        waiting = RollReopening.objects.filter(
            answer="", roll__session__training_class__school__in=schools
        )
        rows = waiting.select_related("roll__session__training_class").order_by("asked_at", "pk")
        for one in rows[:TASKS_OF_A_KIND]:
            address = reverse("trainees:roll", args=[one.roll.session_id])
            tasks.append(
                Task(
                    _("Answer the request to reopen a roll"),
                    f"{address}#reopening",
                    _("%(roll)s: %(reason)s") % {"roll": one.roll, "reason": one.reason},
                    due=_("since %(first)s") % {"first": write_day(local_date(one.asked_at))},
                )
            )
    if holds_any(user, Role.SCHOOL_CLERK):
        sessions = Session.objects.visible_to(user, on)
        reopened = sessions.filter(roll__reopened_at__isnull=False)
        if n := reopened.count():
            label = ngettext("Correct %(n)d reopened roll", "Correct %(n)d reopened rolls", n)
            address = f"{reverse('trainees:sessions')}?due={REOPENED}"
            tasks.append(Task(label % {"n": n}, address, _name_rolls(reopened, n)))
    return tasks


def leave_tasks(user: User, now: datetime) -> list[Task]:
    """Requests for leave that wait for the clerk, by class."""
    if not holds_any(user, Role.SCHOOL_CLERK):
        return []
    tasks = []
    for one in list_classes_with_leaves(user, now)[:TASKS_OF_A_KIND]:
        label = ngettext("Answer %(n)d request for leave", "Answer %(n)d requests for leave", one.n)
        address = reverse("trainees:training_class", args=[one.pk])
        tasks.append(Task(label % {"n": one.n}, f"{address}#leaves", one.title))
    return tasks


def teaching_tasks(user: User, now: datetime) -> list[Task]:
    """The next sessions that a lecturer teaches, each with the materials of its class."""
    if not holds_any(user, Role.LECTURER):
        return []
    own = Session.objects.to_be_held().filter(instructor__user=user, ends_at__gt=now)
    rows = own.select_related("training_class__school", "venue", "course")
    return [
        Task(
            _("Teach “%(title)s”, session %(number)d")
            % {"title": one.training_class.title, "number": one.number},
            reverse("trainees:class_materials", args=[one.training_class_id]),
            " · ".join((one.course.title, one.training_class.school.name, one.where)),
            due=_("%(day)s, %(from)s to %(to)s")
            % {
                "day": write_day(one.held_on),
                "from": write_clock(one.starts_at),
                "to": write_clock(one.ends_at),
            },
        )
        for one in rows.order_by("starts_at", "pk")[:SESSIONS_SHOWN]
    ]


def material_lookups(user: User, now: datetime) -> list[Task]:
    """Materials of the classes that a lecturer teaches."""
    if not holds_any(user, Role.LECTURER):
        return []
    return [
        Task(
            _("Materials of the class %(title)s") % {"title": one.title},
            reverse("trainees:class_materials", args=[one.pk]),
            is_lookup=True,
        )
        for one in list_taught_with_materials(user, now)[:TASKS_OF_A_KIND]
    ]


def supervision_tasks(user: User, _now: datetime) -> list[Task]:
    """Drafts of notes that nobody but their supervisor sees."""
    if not supervises(user):
        return []
    n = SupervisionDraft.objects.filter(supervisor=user).count()
    if not n:
        return []
    label = ngettext("File %(n)d supervision note", "File %(n)d supervision notes", n)
    return [Task(label % {"n": n}, f"{reverse('trainees:supervision_notes')}#drafts")]


def rating_tasks(user: User, now: datetime) -> list[Task]:
    """Classes that the member attended and can still rate."""
    if not holds_any(user, Role.MEMBER):
        return []
    member = Member.objects.filter(user=user, merged_into=None).first()
    return [
        Task(
            _("Rate the class %(title)s") % {"title": one.training_class.title},
            reverse("trainees:rate_class", args=[one.training_class.pk]),
            _("Without your name."),
            due=_("until %(day)s") % {"day": write_day(one.last_day)},
        )
        for one in (list_to_rate(member, now) if member else [])[:TASKS_OF_A_KIND]
    ]


def walk_in_tasks(user: User, now: datetime) -> list[Task]:
    """Walk-ins that the clerk has not matched to a member yet."""
    if not holds_any(user, Role.SCHOOL_CLERK):
        return []
    n, oldest = (
        WalkIn.objects.visible_to(user, local_date(now))
        .unmatched()
        .aggregate(n=Count("pk"), oldest=Min("session__held_on"))
        .values()
    )
    if not n:
        return []
    label = ngettext("Match %(n)d walk-in to a member", "Match %(n)d walk-ins to members", n)
    since = _("since %(first)s") % {"first": write_day(oldest)}
    detail = _("They came and were on no roster; nobody has these hours yet.")
    return [Task(label % {"n": n}, reverse("trainees:walk_ins"), detail, due=since)]


def study_lookups(user: User, _now: datetime) -> list[Task]:
    """Where study is recorded, declared and looked up."""
    tasks = []
    if serves_organisations(user):
        record = reverse("trainees:choose_organisation")
        tasks.append(Task(_("Record a study"), record, is_lookup=True))
        tasks.append(Task(_("Record a visit"), f"{record}?visit=1", is_lookup=True))
    if holds_any(user, Role.MEMBER):
        tasks.append(Task(_("Declare hours"), reverse("trainees:declare"), is_lookup=True))
    if sees_studies(user):
        tasks.append(Task(_("Study records"), reverse("trainees:studies"), is_lookup=True))
    return tasks


def review_tasks(user: User, now: datetime) -> list[Task]:
    """Records of study whose next step of review is the person's."""
    if not holds_any(user, *REVIEWER_ROLES):
        return []
    waiting = Study.objects.to_review_by(user, local_date(now))
    n, oldest = waiting.aggregate(
        n=Count("pk", distinct=True), oldest=Min("submissions__submitted_at")
    ).values()
    if not n:
        return []
    label = ngettext("Review %(n)d study record", "Review %(n)d study records", n) % {"n": n}
    due = _("since %(first)s") % {"first": write_day(local_date(oldest))} if oldest else ""
    url = f"{reverse('trainees:studies')}?progress={REVIEW}"
    return [Task(label, url, _("Nobody has these hours before they are passed."), due=due)]


def returned_tasks(user: User, _now: datetime) -> list[Task]:
    """Records that came back to the person."""
    if not holds_any(user, *RECORDER_ROLES, Role.MEMBER):
        return []
    n = Study.objects.returned_to(user).count()
    if not n:
        return []
    label = ngettext("Mend %(n)d returned study record", "Mend %(n)d returned study records", n)
    url = f"{reverse('trainees:studies')}?progress={RETURNED}"
    return [Task(label % {"n": n}, url, _("The reason stands with the record."))]


def import_tasks(user: User, _now: datetime) -> list[Task]:
    """Imports that wait for a decision, the newest by name, and the way to a new one."""
    if not holds_any(user, Role.ORGANISATION_DEPARTMENT):
        return []
    waiting = RegisterImport.objects.defer("unchanged").filter(
        state__in=[ImportState.UNMAPPED, ImportState.READY]
    )
    tasks = [
        Task(
            _("Check the register %(file)s") % {"file": register.file_name},
            reverse("trainees:register_import", args=[register.pk]),
            detail=str(register.get_state_display()),
        )
        for register in waiting.order_by("-uploaded_at")[:IMPORTS_SHOWN]
    ]
    address = reverse("trainees:register_imports")
    if more := max(0, waiting.count() - IMPORTS_SHOWN):
        label = ngettext(
            "%(n)d more import waits to be checked", "%(n)d more imports wait to be checked", more
        )
        tasks.append(Task(label % {"n": more}, address))
    return [*tasks, Task(_("Import the register"), address, is_lookup=True)]


def merge_tasks(user: User, _now: datetime) -> list[Task]:
    """Proposals of others to decide on, and the way to those listed twice."""
    if not holds_any(user, Role.ORGANISATION_DEPARTMENT):
        return []
    address = reverse("trainees:duplicates")
    tasks = []
    if n := count_to_decide(user):
        label = ngettext("Decide on %(n)d merge of members", "Decide on %(n)d merges of members", n)
        tasks.append(Task(label % {"n": n}, address))
    return [*tasks, Task(_("Members listed twice"), address, is_lookup=True)]


def slip_tasks(user: User, now: datetime) -> list[Task]:
    """Members without an account, whose slips the person prints; the department's are too many."""
    if holds_any(user, Role.ORGANISATION_DEPARTMENT) or not holds_any(user, *SLIP_ROLES):
        return []
    n = count_without_account(user, local_date(now), now)
    if not n:
        return []
    label = ngettext(
        "Print a slip for %(n)s member without an account",
        "Print slips for %(n)s members without an account",
        n,
    )
    url = f"{reverse('trainees:slips')}?state={AccountState.NONE}"
    return [Task(label % {"n": f"{n:,}"}, url, _("With the code of a slip a member gets in."))]


def own_tasks(user: User, now: datetime) -> list[Task]:
    """What a member still owes this year, and trainings that are owed by a day."""
    if not holds_any(user, Role.MEMBER):
        return []
    today = local_date(now)
    own = get_own_year(user, today.year, today)
    trainings = [
        Task(
            _("Attend a concentrated training"),
            reverse("trainees:my_hours"),
            detail=clock.label,
            due=clock.sentence,
        )
        for clock in own.clocks
        if clock.state == ClockState.NOT_YET_DUE
    ]
    return [*trainings, _own_hours(own)]


def _own_hours(own: MemberYear) -> Task:
    verdict = own.verdict
    url = reverse("trainees:my_hours")
    if verdict and verdict.outcome == Outcome.NOT_YET_DUE and not verdict.left:
        return Task(_("Attend a concentrated training this year"), url, _("The hours are done."))
    if verdict and verdict.outcome == Outcome.NOT_YET_DUE:
        detail = _("Owed %(owed)s, done %(done)s.") % {
            "owed": format_hours(verdict.owed),
            "done": format_hours(verdict.done),
        }
        label = ngettext(
            "Study %(hours)s more credit hour this year",
            "Study %(hours)s more credit hours this year",
            grammatical_number(verdict.left),
        )
        return Task(label % {"hours": format_hours(verdict.left)}, url, detail=detail)
    return Task(_("See my credit hours"), url)
