"""What this app tells people: the task, steps of claims, warnings, and results to sign."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from backstage.notices import (
    Facts,
    NoticeText,
    register_notice,
    withdraw_notices,
    write_notices,
)
from config.lib.pages import address_of
from config.lib.periods import local_date
from quotas.amounts import say_amount
from quotas.enums import ClaimState, Measure
from quotas.models import AnnualTask, QuotaClaim, Reconciliation
from quotas.permissions import CLAIMING_ROLES
from schools.enums import Audience
from schools.models import RoleGrant, School
from trainees.models import Member

_TASK, _CLAIM, _SCHOOL, _MEMBER = (
    *("annual_task", "quota_claim", "school_shortfall", "member_shortfall"),
)
_RESULTS = "results_to_sign"


def register_notices() -> None:
    """Register the kinds."""
    register_notice(_TASK, _describe_task)
    register_notice(_CLAIM, _describe_claim)
    register_notice(_SCHOOL, _describe_school)
    register_notice(_MEMBER, _describe_member)
    register_notice(_RESULTS, _describe_results)


def tell_of_task(task: AnnualTask, *, at: datetime) -> int:
    """Tell clerks and leaders of all open schools that a version of the task is out."""
    on = local_date(at)
    return write_notices(
        kind=_TASK,
        to=_accounts(CLAIMING_ROLES, at, School.objects.in_force(on)),
        facts={"year": task.year, "version": task.version, "reason": task.reason},
        address=f"{reverse('quotas:tasks')}?year={task.year}",
        once=str(task.pk),
        at=at,
    )


def tell_of_claim(claim: QuotaClaim, *, at: datetime) -> int:
    """Tell the other side of a claim that it was submitted, accepted, or is asked for again."""
    if claim.state == ClaimState.SUBMITTED:
        to, by = _accounts([Role.ORGANISATION_DEPARTMENT], at), claim.submitted_by
    else:
        to, by = _accounts(CLAIMING_ROLES, at, [claim.school]), claim.decided_by
    return write_notices(
        kind=_CLAIM,
        to=[user for user in to if user != by],
        facts={
            "school": claim.school.name,
            "year": claim.year,
            "state": claim.state,
            "words": claim.words,
        },
        address=reverse("quotas:claim", args=[claim.pk]),
        once=f"{claim.pk} {claim.state}",
        at=at,
    )


def tell_school(school: School, year: int, lines: list[dict[str, str]], *, at: datetime) -> int:
    """Tell clerks and leaders of a school which lines it will miss by more than is tolerated."""
    return write_notices(
        kind=_SCHOOL,
        to=_accounts(CLAIMING_ROLES, at, [school]),
        facts={"school": school.name, "year": year, "lines": lines},
        address=f"{reverse('quotas:progress')}?year={year}&school={school.pk}",
        once=f"{school.pk} {year} {local_date(at).isoformat()}",
        at=at,
    )


def tell_members(members: Iterable[Member], year: int, *, at: datetime) -> int:
    """Tell members that the pace so far leads below what they owe, once a year."""
    return write_notices(
        kind=_MEMBER,
        to=[member.user for member in members],
        facts={"year": year},
        address=address_of("my_hours"),
        once=str(year),
        at=at,
    )


def tell_of_results(run: Reconciliation, *, at: datetime) -> int:
    """Tell the leaders of the schools in a final reconciliation that its results wait for them."""
    return write_notices(
        kind=_RESULTS,
        to=_accounts(
            [Role.SCHOOL_LEADER], at, School.objects.filter(pk__in=run.parts.values("school"))
        ),
        facts={"year": run.year, "number": run.number},
        address=f"{reverse('quotas:reconciliations')}?year={run.year}",
        once=str(run.pk),
        at=at,
    )


def take_back_results(run: Reconciliation, *, at: datetime) -> int:
    """Take back what leaders were told of results that were discarded."""
    return withdraw_notices(kind=_RESULTS, once=str(run.pk), at=at)


def _accounts(
    roles: Iterable[Role], at: datetime, schools: Iterable[School] | None = None
) -> list[User]:
    grants = RoleGrant.objects.in_force(local_date(at)).filter(role__in=list(roles))
    if schools is not None:
        grants = grants.filter(school__in=schools)
    return list(User.objects.filter(pk__in=grants.values("user"), is_active=True))


def _describe_task(facts: Facts) -> NoticeText:
    if facts["version"] == 1:
        title = _("The task of %(year)s is out") % {"year": facts["year"]}
        return NoticeText(title, _("Claim the share of your school."))
    title = _("The task of %(year)s is amended") % {"year": facts["year"]}
    return NoticeText(title, facts["reason"])


def _describe_claim(facts: Facts) -> NoticeText:
    title = _("Claim of %(school)s for %(year)s: %(state)s") % {
        "school": facts["school"],
        "year": facts["year"],
        "state": ClaimState(facts["state"]).label,
    }
    return NoticeText(title, facts["words"])


def _describe_school(facts: Facts) -> NoticeText:
    title = _("%(school)s will miss parts of its claim for %(year)s") % {
        "school": facts["school"],
        "year": facts["year"],
    }
    return NoticeText(title, _("; ").join(_describe_line(line) for line in facts["lines"]))


def _describe_line(line: Facts) -> str:
    measure = Measure(line["measure"])
    audience = Audience(line["audience"]).label if line["audience"] else ""
    parts = [str(measure.label), str(audience), line["module"]]
    return _("%(line)s: %(expected)s expected, %(due)s claimed") % {
        "line": " · ".join(part for part in parts if part),
        "expected": say_amount(Decimal(line["expected"]), measure),
        "due": say_amount(Decimal(line["due"]), measure),
    }


def _describe_results(facts: Facts) -> NoticeText:
    title = _("The results of %(year)s wait for your signature") % {"year": facts["year"]}
    return NoticeText(title, _("Read the results of your school, and sign them if they are right."))


def _describe_member(facts: Facts) -> NoticeText:
    title = _("At this pace you will not reach your credit hours of %(year)s") % {
        "year": facts["year"]
    }
    return NoticeText(title, _("Your hours show what is missing, and classes that could help."))
