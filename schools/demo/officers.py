"""Accounts of the officers and their roles.

Clerks record most of what the demo shows, so every school has one. An account is only usable if the
settings allow a demo: then it is a demo account with the published password. All others have no
password, so nobody can sign in to them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import cycle

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts.enums import Role
from accounts.models import NoticeReading, PrivacyNotice, User
from config.lib.copying import copy_rows, reserve_ids
from config.lib.names import pinyin_forms
from config.lib.periods import at_local, period
from schools.demo.names import person_name
from schools.demo.network import JINMENHU, SCHOOLS_SINCE, YANGLIUQING, Network, SchoolRow
from schools.demo.organisations import OrganisationRow
from schools.demo.plan import DemoPlan
from schools.enums import FundingChannel, OrganisationKind
from schools.models import RoleGrant

DEMO_PASSWORD = "xuetang-demo-2019"  # noqa: S105 - published on purpose, see `settings.DEMO`

ACCOUNTS_SINCE = at_local(date(2019, 1, 1), 9)
# A liaison officer is responsible for three schools; the demo's officer for the following ones.
_SCHOOLS_PER_LIAISON = 3
_DEMO_LIAISON = (YANGLIUQING, JINMENHU, "120111103")
_CLERKS_WITH_DEMO_ACCOUNT = (YANGLIUQING, JINMENHU)

_DISTRICT_OFFICERS = (
    (Role.ORGANISATION_DEPARTMENT, "org.department"),
    (Role.DISTRICT_SCHOOL, "district.school"),
    (Role.SYSTEM_ADMINISTRATOR, "system.admin"),
    (Role.SECURITY_ADMINISTRATOR, "security.admin"),
    (Role.AUDIT_ADMINISTRATOR, "audit.admin"),
)


@dataclass(frozen=True, slots=True)
class Account:
    """An account to store."""

    username: str
    display_name: str
    is_demo: bool


_HANDLE_MONEY = (Role.CUSTODIAN, Role.APPROVER, Role.PAYER)
_CHANNELS = tuple(channel.value for channel in FundingChannel)


@dataclass(frozen=True, slots=True)
class _Officer:
    account: Account
    role: Role
    schools: tuple[SchoolRow | None, ...]
    organisation: OrganisationRow | None = None
    channels: tuple[str, ...] = ("",)
    is_second: bool = False


@dataclass(frozen=True, slots=True)
class SchoolAccounts:
    """Account ids by school id."""

    clerks: dict[int, int]
    second_clerks: dict[int, int]
    liaison_officers: dict[int, int]


def seed_officers(
    plan: DemoPlan, network: Network, organisations: list[OrganisationRow]
) -> SchoolAccounts:
    """Store accounts and roles; return the accounts of each school."""
    officers = list(_list_officers(plan, network, organisations))
    ids = store_accounts([officer.account for officer in officers])
    copy_rows(
        RoleGrant,
        ["user_id", "role", "school_id", "organisation_id", "channel", "period"],
        [
            (
                pk,
                officer.role.value,
                school and school.id,
                officer.organisation and officer.organisation.id,
                channel,
                period(SCHOOLS_SINCE),
            )
            for pk, officer in zip(ids, officers, strict=True)
            for school in officer.schools
            for channel in officer.channels
        ],
    )

    def accounts_of(role: Role, *, is_second: bool = False) -> dict[int, int]:
        return {
            school.id: pk
            for pk, officer in zip(ids, officers, strict=True)
            if officer.role is role and officer.is_second is is_second
            for school in officer.schools
            if school
        }

    return SchoolAccounts(
        accounts_of(Role.SCHOOL_CLERK),
        accounts_of(Role.SCHOOL_CLERK, is_second=True),
        accounts_of(Role.LIAISON_OFFICER),
    )


def store_accounts(accounts: list[Account], since: datetime = ACCOUNTS_SINCE) -> list[int]:
    """Store `accounts` in order and return their ids.

    Demo accounts have the published password and have read the privacy notice.
    """
    ids = reserve_ids(User, len(accounts))
    copy_rows(
        User,
        ["id", "username", "password", "display_name", "is_active", "is_demo", "joined_at"],
        [
            (
                pk,
                account.username,
                make_password(DEMO_PASSWORD if account.is_demo else None),
                account.display_name,
                True,
                account.is_demo,
                since,
            )
            for pk, account in zip(ids, accounts, strict=True)
        ],
    )
    _store_readings(pk for pk, account in zip(ids, accounts, strict=True) if account.is_demo)
    return ids


def _store_readings(user_ids: Iterable[int]) -> None:
    """Record that these accounts have read the privacy notice."""
    notice = PrivacyNotice.objects.get(version=1)
    copy_rows(
        NoticeReading,
        ["user_id", "notice_id", "read_at"],
        [(user_id, notice.pk, at_local(notice.published_on, 9)) for user_id in user_ids],
    )


def _list_officers(
    plan: DemoPlan, network: Network, organisations: list[OrganisationRow]
) -> Iterator[_Officer]:
    rng = plan.rng("officers")

    def account(username: str, *, is_demo: bool) -> Account:
        return Account(username, person_name(rng, rng.choice("mf")), is_demo and settings.DEMO)

    for role, username in _DISTRICT_OFFICERS:
        yield _Officer(account(username, is_demo=True), role, (None,))
    for school in network.schools:
        place = _in_pinyin(school.place)
        clerk = account(f"clerk.{place}", is_demo=school.code in _CLERKS_WITH_DEMO_ACCOUNT)
        yield _Officer(clerk, Role.SCHOOL_CLERK, (school,))
        leader = account(f"leader.{place}", is_demo=school.code == YANGLIUQING)
        yield _Officer(leader, Role.SCHOOL_LEADER, (school,))
    for number, schools in enumerate(_liaison_areas(network)):
        liaison = account(f"liaison{number or ''}", is_demo=not number)
        yield _Officer(liaison, Role.LIAISON_OFFICER, schools)
    general = next(
        organisation
        for organisation in organisations
        if organisation.kind is OrganisationKind.GENERAL_BRANCH
        and organisation.township
        and organisation.township.code == YANGLIUQING
    )
    commissioner = account("commissioner", is_demo=True)
    yield _Officer(commissioner, Role.ORGANISATION_COMMISSIONER, (None,), general)
    [school] = [school for school in network.schools if school.code == YANGLIUQING]
    for role in _HANDLE_MONEY:
        person = account(f"{role.value}.yangliuqing", is_demo=True)
        yield _Officer(person, role, (school,), channels=_CHANNELS)
    yield _Officer(account("auditor", is_demo=True), Role.AUDITOR, (None,))
    # The second clerk reviews what the first records for branches: nobody reviews their own.
    for school in network.schools:
        second = account(f"clerk2.{_in_pinyin(school.place)}", is_demo=False)
        yield _Officer(second, Role.SCHOOL_CLERK, (school,), is_second=True)
    for other in network.schools:
        for role in _HANDLE_MONEY if other.code != YANGLIUQING else ():
            person = account(f"{role.value}.{_in_pinyin(other.place)}", is_demo=False)
            yield _Officer(person, role, (other,), channels=_CHANNELS)


def _in_pinyin(place: str) -> str:
    return pinyin_forms(place)[0].replace(" ", "")


def _liaison_areas(network: Network) -> list[tuple[SchoolRow, ...]]:
    """The schools of each liaison officer; the demo's officer comes first."""
    first = tuple(school for school in network.schools if school.code in _DEMO_LIAISON)
    others = [school for school in network.schools if school.code not in _DEMO_LIAISON]
    count = -(-len(others) // _SCHOOLS_PER_LIAISON)
    areas: list[list[SchoolRow]] = [[] for _ in range(count)]
    for area, school in zip(cycle(areas), others, strict=False):
        area.append(school)
    return [first, *(tuple(area) for area in areas)]
