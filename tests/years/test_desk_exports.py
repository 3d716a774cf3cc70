"""The lists of the desk as files: as many rows as the page shows this user, and no numbers
that are a person's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import (
    DISTRICT_ROLES,
    MONEY_ROLES,
    SCHOOL_ROLES,
    SERVING_ROLES,
    SLIP_ROLES,
    Role,
)
from accounts.models import AuditEntry, User
from accounts.trail import list_changes
from backstage import exports
from backstage.exports import find_export
from config.lib.periods import period, today
from schools.models import Organisation
from tests import factories
from tests.browsers import browser_of
from tests.factories import DAY, START
from tests.worlds import copy_of, made_once
from tests.years.test_exports import NAMES, TwoSchools, everything
from tests.years.test_exports import export as fetch
from trainees.enums import ImportState, RowKind
from trainees.models import Member, RegisterImport, RegisterRow
from years.queries.access_log import describe_access, list_accesses

pytestmark = pytest.mark.django_db

OFFICE = {Role.ORGANISATION_DEPARTMENT}
STAFF = {*SCHOOL_ROLES, *DISTRICT_ROLES}
MAY = {
    "network": STAFF,
    "tree": STAFF,
    "venues": STAFF,
    "menu": STAFF,
    "booking-letters": STAFF,
    "lecturers": STAFF,
    "below": STAFF,
    "slips": set(SLIP_ROLES),
    "served": set(SERVING_ROLES),
    "my-classes": {Role.MEMBER, Role.BRANCH_SECRETARY},
    "imports": OFFICE,
    "import-rows": OFFICE,
    "walk-ins": STAFF,
    "my-hours": {Role.MEMBER, Role.BRANCH_SECRETARY},
    "member-hours": STAFF | SERVING_ROLES,
    "departures": STAFF,
    "clocks": STAFF,
    "quota-claims": STAFF,
    "shortfall-warnings": STAFF,
    "themed-days": STAFF,
    "member-results": STAFF,
    "organisation-results": STAFF,
    "run-differences": STAFF,
    "claim-differences": STAFF,
    "fund-moves": STAFF | MONEY_ROLES,
    "cost-figures": STAFF | MONEY_ROLES,
    "class-costs": STAFF | MONEY_ROLES,
    "fund-account": STAFF | MONEY_ROLES,
    "special-audit": STAFF | MONEY_ROLES,
    "annual-report": STAFF,
    "report-sessions": STAFF,
    "report-members": STAFF,
    "statistics": STAFF,
    "statistics-members": STAFF,
    "statistics-sessions": STAFF,
    "year-statements": STAFF,
    "year-adjustments": STAFF,
    "proposals": OFFICE,
}


# Their pages have rows and a button once there is a run: tests/quotas/views.
OF_RUNS = {
    *("member-results", "organisation-results", "run-differences", "claim-differences"),
    *("year-statements", "year-adjustments"),
    # Of an audit: tests/fund_reports.
    "special-audit",
}


class World(TwoSchools):
    """Two schools with a class each, and an import of the register whose rows are looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.member = self.here.members[0]
        self.register = RegisterImport.objects.create(
            file_name="名册.csv",
            file_hash="0",
            as_of=today(),
            state=ImportState.READY,
            counts={"new": 1, "changed": 1, "missing": 1},
            uploaded_by=officer(),
            uploaded_at=timezone.now(),
        )
        common = {"register": self.register, "organisation": self.here.organisation}
        RegisterRow.objects.create(
            **common,
            kind=RowKind.NEW,
            row_number=2,
            name="新人",
            number="77",
            phone="13800000000",
            sex="m",
            resident_id_encrypted="sealed",
            resident_id_fingerprint="0" * 64,
        )
        RegisterRow.objects.create(
            **common,
            kind=RowKind.CHANGED,
            row_number=3,
            member=self.member,
            changes={"name": ["张伟", "张炜"]},
        )
        RegisterRow.objects.create(register=self.register, kind=RowKind.MISSING, member=self.member)


made = made_once(World)


@pytest.fixture
def world(made: World, db: None) -> World:
    return copy_of(made)


def officer(role: Role = Role.ORGANISATION_DEPARTMENT) -> User:
    user = factories.make_user()
    factories.grant(user, role)
    return user


def above(world: World) -> Organisation:
    """What the organisation of the first school stands below."""
    return world.here.organisation.placements.get().parent


def asked_for(world: World, name: str) -> dict[str, Any]:
    """What the button of the page sends."""
    return {
        "venues": {"school": world.here.school.pk},
        "below": {"above": above(world).pk, "on": today().isoformat()},
        "import-rows": {"import": world.register.pk, "rows": "new"},
        "member-hours": {"member": world.member.pk},
    }.get(name, {})


def test_every_list_of_the_desk_is_here():
    pages = {
        name
        for name, list_export in exports._exports.items()
        if not list_export.page.startswith("admin:")
    }

    assert pages - {*NAMES, "jobs", "trail"} == set(MAY)


@pytest.mark.parametrize("name", MAY)
@pytest.mark.parametrize("role", [None, *sorted(set(Role))])
def test_goes_to_the_person_who_sees_the_page(world, name, role):
    user = factories.make_user()
    if role is not None:
        factories.give_role(user, role, world.here.organisation)

    reply = browser_of(user).post(reverse("backstage:export", args=[name]), asked_for(world, name))

    assert reply.status_code == (200 if role in MAY[name] else 403)


@pytest.mark.parametrize("name", MAY)
def test_shows_neither_phones_nor_id_numbers_and_stands_in_the_trail(world, name):
    Member.objects.update(phone="13800000000")
    user = officer()
    world.member.user = user
    world.member.save()
    factories.give_role(user, Role.ORGANISATION_COMMISSIONER, world.here.organisation)

    text = everything(fetch(browser_of(user), name, **asked_for(world, name)))

    assert "13800000000" not in text
    assert "999999" not in text
    entry = AuditEntry.objects.get(act="export_list")
    assert entry.after["list"] == name
    assert find_export(name) is not None


class TestTheTree:
    def test_holds_all_organisations_in_sight_with_their_places(self, world):
        header, *rows = fetch(browser_of(officer()), "tree")

        assert len(rows) == Organisation.objects.count()
        code = world.here.organisation.code
        line = dict(zip(header, next(r for r in rows if r[0] == code), strict=True))
        assert line["Stands below"] == "中共西青区委员会"
        assert line["Township"] == "杨柳青镇"
        assert line["First day"] == START

    def test_is_narrowed_as_the_page_was(self, world):
        browser = browser_of(officer())
        page = browser.get(reverse("trainees:organisations"), {"name": "津门"})

        assert (
            len(fetch(browser, "tree", name="津门")) == 1 + page.context["page_obj"].paginator.count
        )
        assert len(fetch(browser, "tree", school=world.there.pk)) == 2

    def test_holds_closed_ones_where_they_are_asked_for(self, world):
        Organisation.objects.filter(pk=world.here.organisation.pk).update(period=period(START, DAY))
        world.here.organisation.placements.update(period=period(START, DAY))
        browser = browser_of(officer())

        code = world.here.organisation.code
        assert code not in everything(fetch(browser, "tree"))
        assert code in everything(fetch(browser, "tree", closed="1"))

    def test_holds_nothing_of_another_school(self, world):
        text = everything(fetch(browser_of(world.here.clerk), "tree"))

        assert "津门湖" not in text
        assert world.here.organisation.code in text


def test_schools_have_their_townships_and_offices(world):
    [header, line] = fetch(browser_of(world.here.clerk), "network")

    row = dict(zip(header, line, strict=True))
    assert (row["School"], row["Townships"]) == ("杨柳青镇党校", "杨柳青镇")


def test_booking_letters_are_those_of_the_own_school(world):
    own = factories.make_booking_letter(world.here.school)
    other = factories.make_booking_letter(world.there)
    rows = everything(fetch(browser_of(world.here.clerk), "booking-letters"))

    assert own.number in rows
    assert other.number not in rows


def test_the_menu_is_one_for_all_schools(world):
    rows = everything(fetch(browser_of(world.here.clerk), "menu"))

    assert world.here.session.course.code in rows


def test_what_stands_below_is_that_of_the_page_and_in_sight(world):
    branch = world.here.organisation
    header, *rows = fetch(browser_of(officer()), "below", above=above(world).pk)

    rows_by_code = {row[1]: dict(zip(header, row, strict=True)) for row in rows}
    assert rows_by_code[branch.code]["Members"] == 3
    assert len(fetch(browser_of(world.here.clerk), "below", above="9" * 30)) == 1


def test_venues_are_those_of_the_school(world):
    rows = everything(fetch(browser_of(officer()), "venues", school=world.here.school.pk))

    assert world.here.session.venue.name in rows
    assert world.there.name not in rows


def test_members_served_are_those_of_the_own_branch(world):
    user = factories.make_user()
    factories.give_role(user, Role.ORGANISATION_COMMISSIONER, world.here.organisation)
    rows = everything(fetch(browser_of(user), "served"))

    assert world.member.number in rows
    assert world.guests[0].number not in rows


def test_accounts_and_slips_are_those_of_the_page(world):
    browser = browser_of(world.here.clerk)
    page = browser.get(reverse("trainees:slips"), {"state": "none"})

    rows = fetch(browser, "slips", state="none")

    assert len(rows) == 1 + page.context["page_obj"].paginator.count == 4
    assert world.guests[0].number not in everything(rows)


class TestTheRegister:
    @pytest.fixture
    def browser(self) -> Client:
        return browser_of(officer())

    def test_imports_are_those_of_the_page(self, world, browser):
        assert [row[0] for row in fetch(browser, "imports")[1:]] == ["名册.csv"]

    @pytest.mark.parametrize(
        ("kind", "says"),
        [("new", "138****0000"), ("changed", "张伟 → 张炜"), ("missing", "")],
    )
    def test_rows_say_what_the_page_says(self, world, browser, kind, says):
        [_, line] = fetch(browser, "import-rows", **{"import": world.register.pk, "rows": kind})

        assert says in (line[-1] or "")
        assert line[2] == ("77" if kind == "new" else world.member.number)

    def test_of_no_import_is_empty(self, world, browser):
        assert len(fetch(browser, "import-rows", **{"import": "9" * 30})) == 1

    def test_the_trail_names_import_and_kind(self, world, browser):
        fetch(browser, "import-rows", **{"import": world.register.pk, "rows": "changed"})

        with translation.override("en"):
            changes = list_changes(AuditEntry.objects.get(act="export_list"))
        words = {label: after for label, _before, after in changes}
        assert words["Narrowed to"] == "Import of the register: 名册.csv; Rows by kind: changed"


class TestHours:
    def export_as(self, member: Member) -> Callable[..., list[list]]:
        member.user = factories.make_user()
        member.save()
        browser = browser_of(member.user)
        return lambda name, **asked: fetch(browser, name, **asked)

    def test_of_ones_own_year(self, world):
        [header, line] = self.export_as(world.member)("my-hours")

        row = dict(zip(header, line, strict=True))
        assert (row["Date"], row["Credit hours"]) == (DAY, 4.0)

    def test_of_a_correction_hold_both_lines(self, world):
        mark = world.here.session.attendances.get(member=world.member)
        by = factories.acting(world.here.clerk)
        factories.correct_mark(mark, "absent", by=by, at=timezone.now())

        assert len(self.export_as(world.member)("my-hours")) == 3

    def test_of_a_member_in_sight_alone(self, world):
        browser = browser_of(world.here.clerk)

        assert len(fetch(browser, "member-hours", member=world.member.pk)) == 2
        assert len(fetch(browser, "member-hours", member=world.guests[0].pk)) == 1
        assert len(fetch(browser, "member-hours", member="x")) == 1

    def test_are_a_look_that_the_member_is_told_of(self, world):
        fetch(browser_of(world.here.clerk), "member-hours", member=world.member.pk)

        [entry] = list_accesses(world.member)
        facts = {"year": DAY.year, "roles": [Role.SCHOOL_CLERK]}
        assert (entry.act, entry.actor, entry.after) == ("export_hours", world.here.clerk, facts)
        assert entry.object_label == world.member.number
        with translation.override("en"):
            access = describe_access(entry)
        assert (access.what, access.detail) == ("Exported credit hours", str(DAY.year))

    def test_of_ones_own_or_of_nobody_in_sight_are_no_look(self, world):
        fetch_own = self.export_as(world.member)
        factories.give_role(
            world.member.user, Role.ORGANISATION_COMMISSIONER, world.here.organisation
        )
        assert (
            len(fetch_own("my-hours"))
            == len(fetch_own("member-hours", member=world.member.pk))
            == 2
        )
        fetch(browser_of(world.here.clerk), "member-hours", member=world.guests[0].pk)

        assert not AuditEntry.objects.filter(act="export_hours").exists()

    @pytest.mark.parametrize("role", sorted(SERVING_ROLES))
    def test_of_a_member_whom_one_serves_alone(self, world, role):
        user = factories.make_user()
        factories.give_role(user, role, world.here.organisation)
        browser = browser_of(user)

        assert len(fetch(browser, "member-hours", member=world.member.pk)) == 2
        assert len(fetch(browser, "member-hours", member=world.guests[0].pk)) == 1


@pytest.mark.parametrize("name", sorted(MAY.keys() - OF_RUNS))
def test_the_page_has_the_button(world, name):
    user = officer()
    world.member.user = user
    world.member.save()
    factories.give_role(user, Role.ORGANISATION_COMMISSIONER, world.here.organisation)
    factories.make_session(
        factories.make_class(world.here.school, "秋季班"),
        starts_at=timezone.now() + timedelta(days=9),
    )
    page = {
        "network": reverse("schools:schools"),
        "tree": reverse("trainees:organisations"),
        "menu": reverse("courses:menu"),
        "booking-letters": reverse("dispatch:letters"),
        "lecturers": reverse("classes:lecturers"),
        "venues": reverse("courses:school", args=[world.here.school.pk]),
        "below": reverse("trainees:organisation", args=[above(world).pk]),
        "slips": reverse("trainees:slips"),
        "served": reverse("years:served_members"),
        "my-classes": reverse("years:my_classes"),
        "quota-claims": reverse("quotas:claims"),
        "shortfall-warnings": reverse("quotas:warnings"),
        "themed-days": reverse("studies:themed_days"),
        "imports": reverse("trainees:register_imports"),
        "import-rows": reverse("trainees:register_import", args=[world.register.pk]),
        "walk-ins": reverse("rolls:walk_ins"),
        "my-hours": reverse("years:my_hours"),
        "member-hours": reverse("years:member_hours", args=[world.member.pk]),
        "departures": reverse("years:departures"),
        "clocks": reverse("years:clocks"),
        "fund-moves": reverse("fund_reports:moves"),
        "cost-figures": reverse("fund_reports:costs"),
        "class-costs": reverse("fund_reports:class_costs"),
        "fund-account": reverse("fund_reports:account"),
        "annual-report": reverse("reports:report"),
        "report-sessions": reverse("reports:report_sessions"),
        "report-members": reverse("reports:report_members"),
        "statistics": reverse("reports:statistics"),
        "statistics-members": reverse("reports:statistics_members"),
        "statistics-sessions": reverse("reports:statistics_sessions"),
        "proposals": reverse("funding:proposals"),
    }[name]

    text = browser_of(user).get(page).text

    assert f'action="{reverse("backstage:export", args=[name])}"' in text
    for asked in asked_for(world, name):
        assert f'<input type="hidden" name="{asked}"' in text
