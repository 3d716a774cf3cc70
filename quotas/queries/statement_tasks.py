"""Tasks on home about signatures of a year: to sign, to countersign, to answer."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.interests import own_accounts
from accounts.models import User
from accounts.roles import holds_any
from backstage.tasklist import Task
from config.lib.periods import local_date
from quotas.enums import ReopeningState
from quotas.models import Reconciliation, ReconciliationPart, StatementSignature, YearReopening
from quotas.permissions import countersigns
from quotas.queries.signing import read_interests
from quotas.queries.tasks import address_of_year
from schools.models import School


def signing_tasks(user: User, now: datetime) -> list[Task]:
    """Leaders sign for their schools; the district Party school for the district, once closed."""
    made = []
    if holds_any(user, Role.SCHOOL_LEADER):
        made += _to_sign(user, local_date(now))
    if holds_any(user, Role.DISTRICT_SCHOOL):
        closed = Reconciliation.objects.closed().filter(lock__released_at=None)
        signed = StatementSignature.objects.filter(school=None).values("reconciliation")
        made += [
            _task(_("Sign the results of the district for %(year)s"), run.year)
            for run in closed.exclude(pk__in=signed).order_by("year")
        ]
    return made


def countersigning_tasks(user: User, now: datetime) -> list[Task]:
    """The department countersigns what schools signed, and answers who wants a year opened."""
    if not countersigns(user):
        return []
    years = sorted(_years_to_countersign(user, local_date(now)))
    made = [
        _task(
            ngettext(
                "Countersign %(n)d statement of %(year)s",
                "Countersign %(n)d statements of %(year)s",
                number,
            ),
            year,
            n=number,
        )
        for year, number in Counter(years).items()
    ]
    asked = YearReopening.objects.filter(state=ReopeningState.ASKED)
    of_others = asked.exclude(asked_by__in=own_accounts(user))
    made += [
        _task(_("Answer whether %(year)s is opened again"), year)
        for year in of_others.values_list("reconciliation__year", flat=True)
    ]
    return made


def _years_to_countersign(user: User, on: date) -> list[int]:
    """The year of each signature that waits and that the person may countersign."""
    found = []
    for run in Reconciliation.objects.frozen():
        waiting = list(StatementSignature.objects.filter(reconciliation=run, statement=None))
        interests = read_interests(user, run, on) if waiting else None
        found += [run.year for one in waiting if interests and not interests.bar(one)]
    return found


def _to_sign(user: User, on: date) -> list[Task]:
    led = School.objects.administered_by(user, Role.SCHOOL_LEADER, on)
    frozen = Reconciliation.objects.frozen()
    parts = ReconciliationPart.objects.filter(reconciliation__in=frozen, school__in=led)
    rows = parts.select_related("school", "reconciliation").order_by("reconciliation", "school")
    signed = set(
        StatementSignature.objects.filter(school__in=led).values_list("reconciliation", "school")
    )
    return [
        _task(
            _("Read and sign the results of %(school)s for %(year)s"),
            part.reconciliation.year,
            school=part.school.name,
        )
        for part in rows
        if part.school and (part.reconciliation_id, part.school_id) not in signed
    ]


def _task(label: str, year: int, **words: object) -> Task:
    return Task(label % {"year": year, **words}, address_of_year(year))
