"""The demo's year: tasks and claims of this year and the last, and the close of the last."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from accounts.enums import ActorChannel, Role
from accounts.models import User
from accounts.origin import Actor
from config.lib.hours import ZERO
from config.lib.pages import address_of
from config.lib.periods import at_local, local_date
from courses.models import Module
from quotas.actions.claims import accept_claim, ask_again, begin_claim, submit_claim, write_claim
from quotas.actions.reconciliations import start_reconciliation
from quotas.actions.statements import Issuing, countersign_statement, sign_results
from quotas.actions.tasks import Target, begin_task, publish_task, set_line
from quotas.blocker_registry import list_blocked
from quotas.enums import COVERAGES, Measure
from quotas.models import AnnualTask, QuotaClaim
from quotas.projection import project, same_day
from quotas.queries.actuals import cell_of, read_actuals
from quotas.queries.claims import Key
from quotas.queries.statements import schools_to_sign
from quotas.reconciliation_job import compute_all
from schools.demo import DemoPlan
from schools.enums import Audience
from schools.models import School
from schools.queries.open_years import is_open

# What each school promises of its members, and so the task.
_SHARES = {Measure.TRAINED: Decimal(30), Measure.ON_TARGET: Decimal(80)}
# Of what a school is on the way to, it claims so many per cent: three schools claimed too much.
_CAREFUL, _BOLD, _BOLD_SCHOOLS = 96, 135, 3
_WORDS = "场次与去年相比偏少，请结合新校舍再认领。"


def seed_quotas(plan: DemoPlan) -> None:
    """Store this app's part of the demo."""
    schools = list(School.objects.in_force(plan.on).order_by("code"))
    amounts = _amounts(plan, schools)
    officer = _actor(Role.ORGANISATION_DEPARTMENT)
    for year in (plan.year - 1, plan.year):
        task = _publish(year, amounts, officer)
        for place, school in enumerate(schools):
            at = at_local(date(year, 1, 19), 9) + timedelta(hours=place)
            if place == 1:
                first = _claim(school, task, amounts, "", at)
                ask_again(claim_id=first.pk, words=_WORDS, by=officer, at=at)
            claim = _claim(school, task, amounts, "按区里意见重新认领" if place == 1 else "", at)
            accept_claim(claim_id=claim.pk, by=officer, at=at + timedelta(days=2))
    _close_last_year(plan)


def _actor(role: Role, school: School | None = None) -> Actor:
    holders = User.objects.filter(role_grants__role=role, role_grants__school=school)
    return Actor(holders.order_by("pk")[0], ActorChannel.COMMAND)


def _lines() -> list[Key]:
    """What the lines of the task are about."""
    modules = Module.objects.order_by("code")
    return [
        (Measure.EVENTS, "", None),
        (Measure.PERSON_TIMES, "", None),
        (Measure.PERSON_TIMES, Audience.SECRETARIES, None),
        (Measure.MEMBERS, "", None),
        *((Measure.TRAINING_HOURS, "", module.pk) for module in modules),
        (Measure.TRAINED, Audience.SECRETARIES, None),
        (Measure.ON_TARGET, "", None),
    ]


def _amounts(plan: DemoPlan, schools: list[School]) -> dict[int, dict[Key, Decimal]]:
    """What each school claims of each line, from where it is on the way to."""
    keys, now = [school.pk for school in schools], at_local(plan.on, 20)
    done = read_actuals(keys, plan.year, now, coverage=False)
    until = same_day(plan.on, plan.year - 1)
    before = read_actuals(keys, plan.year - 1, now, until=until, coverage=False)
    found: dict[int, dict[Key, Decimal]] = {}
    for place, school in enumerate(schools):
        percent = _BOLD if 2 <= place < 2 + _BOLD_SCHOOLS else _CAREFUL
        found[school.pk] = {}
        for key in _lines():
            if key[0] in COVERAGES:
                found[school.pk][key] = _SHARES[Measure(key[0])]
                continue
            cell = cell_of(*key, school.pk)
            ahead = project(
                key[0],
                done.amount(cell),
                on=plan.on,
                before=before.amount(cell),
                before_by_then=before.part(cell),
            )
            likely = ahead if ahead is not None else before.amount(cell)
            amount = (likely * percent / 100).to_integral_value(ROUND_CEILING)
            found[school.pk][key] = max(amount, Decimal(1))
    return found


def _publish(year: int, amounts: dict[int, dict[Key, Decimal]], by: Actor) -> AnnualTask:
    """The task of a year asks for what the schools claim; of shares for what each promises."""
    at = at_local(date(year, 1, 12), 9)
    task = begin_task(year=year, by=by, at=at)
    modules = Module.objects.in_bulk()
    for measure, audience, module in _lines():
        key = measure, audience, module
        whole = (
            _SHARES[Measure(measure)]
            if measure in COVERAGES
            else sum((of_school[key] for of_school in amounts.values()), ZERO)
        )
        target = Target(measure, whole, audience, modules[module] if module else None)
        set_line(task_id=task.pk, target=target, by=by, at=at)
    return publish_task(task_id=task.pk, by=by, at=at)


def _claim(
    school: School,
    task: AnnualTask,
    amounts: dict[int, dict[Key, Decimal]],
    reason: str,
    at: datetime,
) -> QuotaClaim:
    """A claim of the school's clerk, submitted by its leader."""
    clerk = _actor(Role.SCHOOL_CLERK, school)
    claim = begin_claim(school_id=school.pk, year=task.year, by=clerk, at=at)
    of_school = amounts[school.pk]
    write_claim(
        claim_id=claim.pk,
        amounts={line.pk: of_school[line.key] for line in task.lines.all()},
        reason=reason,
        by=clerk,
        at=at,
    )
    return submit_claim(
        claim_id=claim.pk, by=_actor(Role.SCHOOL_LEADER, school), at=at + timedelta(hours=3)
    )


def _close_last_year(plan: DemoPlan) -> None:
    """Reconcile last year and issue all its statements, once it takes no facts any more."""
    year = plan.year - 1
    at = at_local(plan.on, 0) - timedelta(hours=15)  # the morning before the demo's today
    if is_open(year, local_date(at)) or list_blocked(year, at):
        return
    officer, academic = _actor(Role.ORGANISATION_DEPARTMENT), _actor(Role.DISTRICT_SCHOOL)
    run = start_reconciliation(
        year=year, is_rehearsal=False, by=officer, at=at, in_background=False
    )
    compute_all(run.pk, officer, lambda: at)
    issuing = Issuing(officer, at + timedelta(hours=5), address_of("check_document"))
    signers: list[tuple[int | None, Actor]] = [
        (school.pk, _actor(Role.SCHOOL_LEADER, school)) for school in schools_to_sign(run)
    ]
    for school_id, signer in [*signers, (None, academic)]:
        signature = sign_results(
            reconciliation_id=run.pk, school_id=school_id, by=signer, at=at + timedelta(hours=3)
        )
        countersign_statement(signature_id=signature.pk, issuing=issuing)
