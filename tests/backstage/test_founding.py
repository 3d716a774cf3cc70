"""The checklist of a site that is being founded: who sees it, and what each step says."""

from __future__ import annotations

import pytest

from accounts.audit import record_act
from accounts.enums import Role
from backstage.founding import READERS, SEEDED, lead_on, list_founding_steps, read_checklist
from config.lib.periods import today
from hours.models import RequirementRule
from schools.actions.founding_tables import found_from_table
from schools.models import District
from tests import factories
from tests.browsers import browser_of
from tests.schools.founding import BY, ON, TOP, YANGLIUQING, NewDistrict, tree

pytestmark = pytest.mark.django_db


def reader(role: Role):
    user = factories.make_user()
    factories.grant(user, role)
    return user


def steps(user) -> dict[str, object]:
    shown = read_checklist(user, today()).get("founding_steps", [])
    return {item.step.key: item for item in shown}


@pytest.mark.parametrize("role", sorted(READERS))
def test_those_who_found_and_grant_see_every_step(role):
    assert list(steps(reader(role))) == [
        "district", "divisions", "schools", "root", "tree", "rules", "staff", "register",
    ]  # fmt: skip


@pytest.mark.parametrize("role", [Role.AUDIT_ADMINISTRATOR, Role.DISTRICT_SCHOOL])
def test_nobody_else_sees_them(role):
    assert steps(reader(role)) == {}


def test_a_step_waits_for_those_before_it_and_leads_nowhere():
    shown = steps(reader(Role.SYSTEM_ADMINISTRATOR))

    assert [link.url for link in shown["district"].links] == ["/founding/district/"]
    assert len(shown["tree"].waits_for) == 2
    assert shown["tree"].links == []


def test_a_step_names_who_does_it_if_not_the_reader():
    security, system = (
        steps(reader(role)) for role in (Role.SECURITY_ADMINISTRATOR, Role.SYSTEM_ADMINISTRATOR)
    )

    assert (security["staff"].done_by, bool(security["staff"].links)) == ("", True)
    assert (system["staff"].done_by, system["staff"].links) == ("安全管理员", [])
    assert security["district"].done_by == "组织部干部、系统管理员"


def test_what_is_there_and_what_is_missing_is_said():
    district = NewDistrict()
    district.open_school()

    done = {step.key: step for step in list_founding_steps(today())}
    assert [key for key, step in done.items() if step.is_done] == ["district", "divisions", "root"]
    assert done["divisions"].there == "街镇 2 个，村（社区）1 个"
    assert done["schools"].missing == "尚无党校负责：张家窝镇。"


def test_a_tree_without_branches_may_get_them_with_the_register():
    """A register proposes branches that are not there; the step does not wait for them."""
    district = NewDistrict()
    district.found(tree(["11", "杨柳青镇党委", "党委", TOP, YANGLIUQING]))
    officer = reader(Role.ORGANISATION_DEPARTMENT)

    assert steps(officer)["register"].links
    assert "导入党员名册" in steps(officer)["tree"].step.missing


@pytest.mark.parametrize("role", sorted(READERS))
def test_a_step_that_is_done_leads_on_to_what_its_reader_can_do(role):
    user = reader(role)
    assert lead_on(user, "district", today()) is None  # not done yet
    NewDistrict()
    link = lead_on(user, "district", today())
    assert link is not None
    ways = {Role.SECURITY_ADMINISTRATOR: "/admin/accounts/user/add/"}
    assert link.url == ways.get(role, "/founding/schools/")


def test_a_founded_site_leads_nowhere():
    user = reader(Role.SYSTEM_ADMINISTRATOR)
    found_all()

    assert lead_on(user, "district", today()) is None


def found_all() -> None:
    district = NewDistrict()
    district.open_school()
    found_from_table(
        source=tree(
            ["11", "杨柳青镇党委", "党委", TOP, YANGLIUQING],
            ["111", "一街村党支部", "党支部", "11"],
        ),
        on=ON,
        leave_out_refused=False,
        promised=None,
        by=BY,
        at=factories.NOON,
    )
    school = district.yangliuqing.areas.get().school
    district.zhangjiawo.areas.create(school=school, period=factories.period(ON))
    factories.make_clerk(school)
    factories.grant(factories.make_user(), Role.ORGANISATION_DEPARTMENT)
    RequirementRule.objects.update(to_be_verified=False)
    factories.make_member(district.root)


def test_the_list_goes_once_every_step_is_done():
    found_all()

    assert [step.key for step in list_founding_steps(today()) if not step.is_done] == []
    assert steps(reader(Role.SYSTEM_ADMINISTRATOR)) == {}


def test_a_demo_shows_nothing():
    district = District.objects.create(code="120111", name="西青区")
    record_act(act=SEEDED, obj=district, by=BY)

    assert steps(reader(Role.SYSTEM_ADMINISTRATOR)) == {}


def test_the_home_page_shows_the_list_instead_of_nothing_due():
    page = browser_of(reader(Role.SYSTEM_ADMINISTRATOR)).get("/").content.decode()

    assert "Found the district" in page
    assert "Nothing is due" not in page
