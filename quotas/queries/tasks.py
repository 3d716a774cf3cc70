"""Tasks about annual tasks and claims on the home page."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from backstage.tasklist import Task
from config.lib.dates import format_day
from config.lib.periods import local_date
from quotas.enums import TO_DECIDE, ClaimState, ReconciliationState, TaskState
from quotas.models import AnnualTask, QuotaClaim, Reconciliation
from quotas.permissions import CLAIMING_ROLES, own_claims, schools_claimed_for, sets_tasks
from schools.queries.open_years import is_open


def claim_tasks(user: User, now: datetime) -> list[Task]:
    """Clerks claim and answer what the department asks; leaders submit what is drafted."""
    on = local_date(now)
    if not holds_any(user, *CLAIMING_ROLES):
        return []
    task = AnnualTask.objects.newest(on.year).first()
    if task is None:
        return []
    return [*_to_write(user, task, on), *_to_submit(user, task, on)]


def _to_write(user: User, task: AnnualTask, on: date) -> list[Task]:
    """One for each school whose last claim is none, is asked for again, or is of another task.

    A draft of another task is the clerk's to begin anew, not the leader's to submit.
    """
    schools = list(schools_claimed_for(user, Role.SCHOOL_CLERK, on))
    claims = QuotaClaim.objects.filter(year=task.year, school__in=schools).newest()
    last = {claim.school_id: claim for claim in claims}
    made = []
    for school in schools:
        claim = last.get(school.pk)
        if claim is None:
            label = _("Claim the share of %(school)s in the task of %(year)s")
        elif claim.state == ClaimState.ASKED_AGAIN:
            label = _("Claim anew for %(school)s: the district asks again (%(year)s)")
        elif claim.state != ClaimState.SUBMITTED and claim.task_id != task.pk:
            label = _("Claim anew for %(school)s: the task of %(year)s is amended")
        else:
            continue
        asked = claim.decided_at if claim and claim.words else task.published_at
        due = _("since %(day)s") % {"day": format_day(local_date(asked))} if asked else ""
        names = {"school": school.name, "year": task.year}
        made.append(
            Task(label % names, address_of_tasks(task.year), claim.words if claim else "", due)
        )
    return made


def _to_submit(user: User, task: AnnualTask, on: date) -> list[Task]:
    drafts = QuotaClaim.objects.filter(
        school__in=schools_claimed_for(user, Role.SCHOOL_LEADER, on),
        task=task,
        state=ClaimState.DRAFT,
        lines__amount__gt=0,
    )
    return [
        Task(
            _("Read and submit the claim of %(school)s for %(year)s")
            % {"school": claim.school.name, "year": claim.year},
            reverse("quotas:claim", args=[claim.pk]),
        )
        for claim in drafts.select_related("school").order_by("school__code").distinct()
    ]


def department_tasks(user: User, now: datetime) -> list[Task]:
    """The department publishes the task of the year, and decides on claims."""
    if not sets_tasks(user):
        return []
    year = local_date(now).year
    made = []
    drafts = AnnualTask.objects.filter(state=TaskState.DRAFT).order_by("year")
    for draft in drafts:
        made.append(
            Task(
                _("Publish the draft of the task of %(year)s") % {"year": draft.year},
                reverse("quotas:task", args=[draft.pk]),
            )
        )
    if not made and not AnnualTask.objects.newest(year).exists():
        made.append(Task(_("Set the task of %(year)s") % {"year": year}, address_of_tasks(year)))
    return made + _to_decide(user, local_date(now))


def _to_decide(user: User, on: date) -> list[Task]:
    """One for each year of which claims wait; those that somebody else decides on are left out."""
    waiting = QuotaClaim.objects.filter(state=ClaimState.SUBMITTED)
    if not waiting.exists():
        return []
    years = waiting.exclude(own_claims(user, on)).order_by("year").values_list("year")
    return [
        Task(
            ngettext("Decide on %(n)d claim of %(year)s", "Decide on %(n)d claims of %(year)s", n)
            % {"n": n, "year": year},
            f"{reverse('quotas:claims')}?year={year}&claim_state={TO_DECIDE}",
            due=_("since %(day)s") % {"day": format_day(local_date(since))},
        )
        for year, n, since in years.annotate(n=Count("pk"), since=Min("submitted_at"))
    ]


def address_of_tasks(year: int) -> str:
    """The page of the task of a year."""
    return f"{reverse('quotas:tasks')}?year={year}"


def address_of_year(year: int) -> str:
    """The page of the reconciliation of a year."""
    return f"{reverse('quotas:reconciliations')}?year={year}"


def reconciliation_tasks(user: User, now: datetime) -> list[Task]:
    """The department reconciles last year, once it takes no facts any more and was rehearsed.

    It also orders a final reconciliation that was broken off once more.
    """
    if not sets_tasks(user):
        return []
    on = local_date(now)
    year = on.year - 1
    runs = Reconciliation.objects.filter(year=year)
    held = runs.final().filter(lock__released_at=None)
    broken = Reconciliation.objects.final().filter(state=ReconciliationState.RUNNING)
    stopped = [run for run in broken.select_related("job") if run.is_broken_off]
    if stopped:
        return [
            Task(
                _("Compute the reconciliation of %(year)s once more: it was broken off")
                % {"year": run.year},
                reverse("quotas:reconciliation", args=[run.pk]),
            )
            for run in stopped
        ]
    if not runs.exists() or held.exists() or is_open(year, on):
        return []
    return [Task(_("Reconcile the year %(year)s") % {"year": year}, address_of_year(year))]
