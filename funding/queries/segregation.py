"""Who holds two roles for money that are for two people, under whichever of their accounts.

Custodian, approver, payer and auditor are four people. A clerk, who asks for the money of a school,
holds none of these for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.enums import MONEY_ROLES, Role
from accounts.models import User
from accounts.roles import holds_any
from backstage.tasklist import Task
from config.lib.periods import local_date
from funding.permissions import sees_double_roles
from funding.queries.audits import schools_audited_by
from schools.models import RoleGrant
from trainees.enums import MergeState
from trainees.models import Member, MemberMerge


@dataclass(frozen=True)
class DoubleHolder:
    """A person and the grants that are for two people."""

    grants: list[RoleGrant]

    @property
    def names(self) -> list[str]:
        """The accounts, by name."""
        return sorted({f"{one.user.display_name} ({one.user.username})" for one in self.grants})


def list_double_holders(user: User, on: date) -> list[DoubleHolder]:
    """Persons with such roles on the day `on`; for an auditor, those of the schools they audit.

    Costs the same for any number of grants.
    """
    held = RoleGrant.objects.in_force(on).filter(role__in=[*MONEY_ROLES, Role.SCHOOL_CLERK])
    grants = list(held.select_related("user", "school").order_by("role", "school__code", "pk"))
    persons = _persons_of({one.user for one in grants})
    by_person: defaultdict[Hashable, list[RoleGrant]] = defaultdict(list)
    for one in grants:
        by_person[persons[one.user_id]].append(one)
    found = [DoubleHolder(clash) for own in by_person.values() if (clash := _clash(own))]
    if holds_any(user, Role.ORGANISATION_DEPARTMENT, Role.SECURITY_ADMINISTRATOR):
        return found
    audited = {school.pk for school in schools_audited_by(user, on)}
    return [
        one
        for one in found
        if any(grant.school_id is None or grant.school_id in audited for grant in one.grants)
    ]


def segregation_tasks(user: User, now: datetime) -> list[Task]:
    """For the department, the security administrator and auditors: look at who holds two roles."""
    if not sees_double_roles(user):
        return []
    n = len(list_double_holders(user, local_date(now)))
    label = ngettext(
        "%(n)d person holds two roles for money that are for two",
        "%(n)d persons hold two roles for money that are for two",
        n,
    )
    return [Task(label % {"n": n}, reverse("funding:double_roles"))] if n else []


def _clash(grants: list[RoleGrant]) -> list[RoleGrant]:
    """Those of a person's grants that are for two people."""
    of_money = [one for one in grants if one.role in MONEY_ROLES]
    clashing = of_money if len({one.role for one in of_money}) > 1 else []
    for clerk in grants:
        if clerk.role == Role.SCHOOL_CLERK:
            same = [one for one in of_money if one.school_id in {None, clerk.school_id}]
            clashing = [*clashing, *([clerk, *same] if same else [])]
    return list(dict.fromkeys(clashing))


def _persons_of(users: Collection[User]) -> dict[int, Hashable]:
    """A key for the person with each account: a member's row, or the account. Three statements.

    As `trainees.queries.holders.rows_of` finds them: by the account, by a merge, else by name and
    phone.
    """
    keys = [user.pk for user in users]
    rows = Member.objects.filter(user__in=keys).values_list("user", "pk", "merged_into")
    persons: dict[int, Hashable] = {user: into or row for user, row, into in rows}
    merges = MemberMerge.objects.filter(state=MergeState.DONE, ended__account__in=keys)
    for user, row, into in merges.values_list(
        "ended__account", "given_up", "given_up__merged_into"
    ):
        persons.setdefault(user, into or row)
    phones = {user.phone for user in users if user.phone}
    alike = Member.objects.filter(phone__in=phones).order_by("pk")
    by_words: dict[tuple[str, str], int] = {}
    for phone, name, row, into in alike.values_list("phone", "name", "pk", "merged_into"):
        by_words.setdefault((phone, name), into or row)
    for user in users:
        of_words = by_words.get((user.phone or "", user.display_name))
        persons.setdefault(user.pk, of_words or f"account {user.pk}")
    return persons
