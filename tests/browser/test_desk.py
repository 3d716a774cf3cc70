"""The district's desk: the twelfth school, and the organisation tree."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.enums import Role
from accounts.models import User
from config.lib.periods import period, today
from schools.enums import OrganisationKind, SchoolOffice
from schools.models import Organisation, School, SchoolArea, SchoolOfficer, Township
from tests import factories
from tests.browser.conftest import DESK, PHONE
from tests.evidence import hold
from tests.factories import START

NORTH = "120111004"


class District:
    """The school of the south teaches the north as well, last year and this year."""

    def __init__(self) -> None:
        self.officer = factories.make_user(display_name="刘洋")
        factories.grant(self.officer, Role.ORGANISATION_DEPARTMENT)
        self.south = factories.make_school("120111003", "赤龙南街道")
        self.clerk = factories.make_clerk(self.south)
        factories.make_school("120111005", "津门湖街道")
        north = Township.objects.create(code=NORTH, name="赤龙北街道")
        SchoolArea.objects.create(school=self.south, township=north, period=period(START))
        top, kinds = factories.make_top(), OrganisationKind
        self.committee = factories.place_organisation(
            Organisation(
                code=f"{NORTH}00000",
                name="赤龙北街道党工委",
                kind=kinds.COMMITTEE,
                period=period(START),
            ),
            top,
            north,
        )
        self.general = factories.make_below(self.committee, kinds.GENERAL_BRANCH, "海泰社区党总支")
        self.branches = [
            factories.make_below(self.general, name=f"海泰社区第{n}党支部") for n in "一二"
        ]
        self.northerner = factories.make_member(self.branches[0], "赵北辰")
        self.secretary = factories.make_leader(self.branches[1])
        self.southerner = factories.make_member(factories.make_organisation(self.south), "钱南山")
        last_year = today().year - 1
        training_class = factories.make_class(self.south)
        marks = {self.northerner: "present", self.southerner: "late"}
        for day in (date(last_year, 6, 12), today() - timedelta(days=1)):
            hold(training_class, marks, on=day)
        SchoolOfficer.objects.create(
            school=self.south,
            office=SchoolOffice.VICE_PRINCIPAL,
            name="王芳",
            period=period(START),
        )

    @property
    def last_year(self) -> str:
        return f"/overview/?year={today().year - 1}"


@pytest.fixture
def district() -> District:
    return District()


def signed_in(visit, user: User, language: str = "zh-hans", size=DESK):
    visitor = visit(size, language)
    visitor.sign_in(user)
    return visitor


def test_the_twelfth_school_is_founded_and_last_year_stays(district, visit):
    former = signed_in(visit, district.clerk)
    former.open("/members/")
    assert "赵北辰" in former.text()
    officer = signed_in(visit, district.officer, "en")
    officer.open(district.last_year)
    overview = officer.page.locator("main table").inner_text()

    officer.open("/schools/")
    officer.click("Found a school")
    officer.page.fill("input[name=name]", "赤龙北街道党校")
    officer.page.fill("input[name=code]", NORTH)
    officer.page.get_by_label("赤龙北街道", exact=True).check()
    officer.page.fill("input[name=on]", today().isoformat())
    officer.click("Check what will happen")
    assert "赤龙北街道 leaves 赤龙南街道党校" in officer.text()
    officer.click("Change the entries")
    assert officer.page.input_value("input[name=code]") == NORTH
    officer.click("Check what will happen")
    officer.page.get_by_role("button", name="Found the school").click()
    officer.page.wait_for_url("**/schools/")
    officer.look()
    assert "The school is founded." in officer.text()

    new_clerk = factories.make_clerk(School.objects.get(code=NORTH))
    newcomer = signed_in(visit, new_clerk)
    newcomer.open("/members/")
    assert "赵北辰" in newcomer.text()
    assert "钱南山" not in newcomer.text()
    former.open("/members/")
    assert "赵北辰" not in former.text()
    assert "钱南山" in former.text()
    officer.open(district.last_year)
    assert officer.page.locator("main table").inner_text() == overview


def test_branches_are_merged_after_a_look_at_what_it_does(district, visit):
    officer = signed_in(visit, district.officer, "en")
    officer.open("/organisations/")
    officer.page.fill("input[name=name]", "htsqdyd")
    officer.page.locator(".filters button").click()
    officer.page.wait_for_load_state()
    officer.look()
    officer.click("海泰社区第一党支部")
    officer.click("Merge", exact=True)
    officer.page.fill("input[name=into]", "海泰社区第")
    officer.click("Check what will happen")
    assert officer.page.title().startswith("Error")
    assert "Several organisations fit this. Choose one." in officer.text()
    assert officer.page.evaluate("document.activeElement.className") == "error-summary"
    officer.look()
    officer.page.get_by_label("海泰社区第二党支部").check()
    officer.click("Check what will happen")
    assert "1 member belongs to 海泰社区第二党支部" in officer.text()
    officer.page.get_by_role("button", name="Merge the organisations").click()
    officer.page.wait_for_url(f"**/organisations/{district.branches[0].pk}/")
    officer.look()
    assert "The merger is recorded." in officer.text()
    assert "is closed after" in officer.text() or "does not exist on" in officer.text()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_the_desk_fits_and_is_accessible(district, visit, size, language):
    officer = signed_in(visit, district.officer, language, size)
    branch, school = district.branches[0].pk, district.south.pk
    venue = district.south.venues.get().pk
    members = [district.northerner, district.southerner]
    change = district.branches[0].name_changes.create(
        takes_effect_on=date(2099, 1, 1), former_name=district.branches[0].name, name="新名"
    )
    for path in (
        "/",
        "/organisations/",
        "/organisations/?name=海泰&closed=1",
        "/organisations/?name=无此支部",
        f"/organisations/{district.committee.pk}/?closed=1",
        f"/organisations/{branch}/?on=2018-01-01",
        *(f"/organisations/{branch}/{act}/" for act in ("rename", "move", "split", "merge")),
        f"/organisations/{branch}/names/{change.pk}/cancel/",
        f"/organisations/{branch}/close/",
        "/members/add/",
        "/members/left/",
        f"/members/{members[0].pk}/days/",
        f"/members/{members[0].pk}/leave/",
        f"/register/duplicates/{members[0].pk}/{members[1].pk}/",
        f"/organisations/{district.committee.pk}/add/",
        f"/organisations/{factories.make_top().pk}/add/",
        f"/members/?organisation={branch}",
        "/schools/",
        "/schools/new/",
        f"/schools/{school}/",
        f"/schools/{school}/contact/",
        f"/schools/{school}/officers/",
        f"/schools/{school}/merge/",
        f"/schools/{school}/venues/new/",
        f"/venues/{venue}/",
    ):
        officer.open(path)
    officer.open(f"/organisations/{district.branches[1].pk}/close/")
    officer.page.locator("main button.btn-primary").click()
    officer.look()
    assert officer.page.locator(".error-summary").is_visible()
    assert district.secretary.name in officer.text()


def test_a_liaison_officer_writes_a_note_that_the_school_reads(district, visit):
    liaison = factories.make_user(display_name="安建友")
    factories.grant(liaison, Role.LIAISON_OFFICER, district.south)
    writer = signed_in(visit, liaison, "en", PHONE)
    writer.open(f"/schools/{district.south.pk}/")
    writer.click("Write a guidance note")
    writer.page.fill("input[name=topic]", "教学计划")
    writer.page.fill("textarea[name=text]", "基层实务略少，建议补两次案例课。")
    writer.click("Check what will happen")
    writer.page.get_by_role("button", name="Keep the note").click()
    writer.page.wait_for_url(f"**/schools/{district.south.pk}/")
    writer.look()

    reader = signed_in(visit, district.clerk)
    reader.open(f"/schools/{district.south.pk}/")
    assert "建议补两次案例课" in reader.text()
    assert "安建友" in reader.text()


def test_the_desk_works_without_script(district, visit):
    officer = visit(DESK, "en", java_script_enabled=False)
    officer.page.goto(f"{officer.base}/sign-in/")
    officer.page.fill("input[name=username]", district.officer.username)
    officer.page.fill("input[name=password]", factories.PASSWORD)
    officer.page.press("input[name=password]", "Enter")
    officer.page.wait_for_url(f"{officer.base}/")
    officer.page.goto(f"{officer.base}/organisations/{district.branches[0].pk}/rename/")
    officer.page.fill("input[name=name]", "海泰一支部")
    officer.page.get_by_text("Check what will happen").click()
    officer.page.get_by_role("button", name="Rename the organisation").click()

    assert officer.page.locator("h1").inner_text() == "海泰一支部"
