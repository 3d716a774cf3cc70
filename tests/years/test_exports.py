"""The lists of this app as files: the rows of the page, of schools in sight, and nothing more."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role
from accounts.models import User
from backstage.exports import find_export
from config.lib.periods import today
from config.lib.spreadsheet_reading import read_table
from courses.models import TrainingClass
from rolls.actions.attendance import submit_roll
from rolls.models import Attendance
from tests import factories
from tests.browsers import browser_of
from tests.factories import DAY, NOON, ClassWorld
from tests.worlds import copy_of, made_once
from trainees.models import Member

pytestmark = pytest.mark.django_db

NAMES = [
    "schools",
    "organisations",
    "sessions",
    "classes",
    "attendances",
    "attendees",
    "entries",
    "members",
    "disputes",
    "studies",
    "supervision-notes",
]
ALL = [find_export(name) for name in NAMES]
YEAR = {"year": DAY.year}


class TwoSchools:
    """A class of three at each of two schools, whose rolls are submitted."""

    def __init__(self) -> None:
        self.here = ClassWorld(3)
        self.there = factories.make_school("120111005", "津门湖街道")
        branch = factories.make_organisation(self.there)
        self.guests = [factories.make_member(branch, "赵六") for _ in range(3)]
        theirs = factories.make_class(self.there, "湖畔讲堂")
        factories.enrol(theirs, *self.guests)
        session = factories.make_session(theirs)
        clerk = factories.make_clerk(self.there)
        for held, members, by in (
            (self.here.session, self.here.members, self.here.clerk),
            (session, self.guests, clerk),
        ):
            submit_roll(
                session_id=held.pk,
                marks={member.pk: "present" for member in members},
                seen={},
                by=factories.acting(by),
                at=NOON,
            )
        for mark in Attendance.objects.all():
            factories.make_dispute(mark)
        for members, by in ((self.here.members, self.here.clerk), (self.guests, clerk)):
            branch = members[0].memberships.get().organisation
            factories.make_study(branch, members, by=by)
        for held in (self.here.session, session):
            factories.make_supervision_note(held)


made = made_once(TwoSchools)


@pytest.fixture
def world(made: TwoSchools, db: None) -> TwoSchools:
    return copy_of(made)


def officer() -> User:
    user = factories.make_user()
    factories.grant(user, Role.DISTRICT_SCHOOL)
    return user


def export(browser: Client, name: str, /, **narrowed: object) -> list[list]:
    """The rows of the file, its header first."""
    reply = browser.post(reverse("backstage:export", args=[name]), {**YEAR, **narrowed})
    assert reply.status_code == 200
    rows = read_table(reply.content, "a.xlsx").rows
    head = next(n for n, row in enumerate(rows) if sum(cell is not None for cell in row) > 1)
    return rows[head:]


def everything(rows: list[list]) -> str:
    return "\n".join(str(cell) for row in rows for cell in row)


@pytest.mark.parametrize("name", NAMES)
def test_has_as_many_rows_as_the_page_shows(world, name):
    browser = browser_of(officer())
    page_name = next(list_export.page for list_export in ALL if list_export.name == name)
    page = browser.get(reverse(page_name), YEAR)
    shown = page.context.get("page_obj")
    if shown:
        count = shown.paginator.count
    else:
        table = page.context["table"]
        count = len(table.lines) + (table.total is not None)

    assert count > 0
    assert len(export(browser, name)) == 1 + count


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("narrowed", ["nothing", "the other organisation"])
def test_holds_nothing_of_another_school(world, name, narrowed):
    address = {
        "nothing": {},
        "the other organisation": {
            "organisation": world.guests[0].memberships.get().organisation.code
        },
    }[narrowed]
    text = everything(export(browser_of(world.here.clerk), name, **address))

    for foreign in (
        world.there.name,
        "湖畔讲堂",
        "赵六",
        *(guest.number for guest in world.guests),
    ):
        assert foreign not in text


def test_a_member_out_of_sight_is_as_one_who_does_not_exist(world):
    browser, url = browser_of(world.here.clerk), reverse("backstage:export", args=["member-hours"])

    def whole(member: int) -> str:
        reply = browser.post(url, {**YEAR, "member": member})
        return everything(read_table(reply.content, "a.xlsx").rows[1:2])

    own, guest = world.here.members[0], world.guests[0]
    assert own.number in whole(own.pk)
    assert guest.number not in whole(guest.pk)
    assert whole(guest.pk) == whole(10**9)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", [None, *sorted(set(Role))])
def test_goes_to_the_people_of_schools_and_district_alone(world, name, role):
    user = factories.make_user()
    if role is not None:
        factories.give_role(user, role, world.here.organisation)
    staff = {"school_clerk", "school_leader", "liaison_officer"}
    staff |= {"organisation_department", "district_school"}
    if name == "studies":
        staff |= {"organisation_commissioner", "branch_secretary", "member"}
    url = reverse("backstage:export", args=[name])

    assert browser_of(user).post(url, YEAR).status_code == (200 if role in staff else 403)


def test_dates_are_dates_hours_are_numbers_and_text_stays_text(world):
    TrainingClass.objects.filter(pk=world.here.training_class.pk).update(title="=1+1")
    Member.objects.filter(pk=world.here.members[0].pk).update(name="@SUM(A1)")
    browser = browser_of(world.here.clerk)

    header, first, *_ = export(browser, "entries")
    line = dict(zip(header, first, strict=True))
    assert (line["Date"], line["Credit hours"]) == (DAY, 4.0)
    assert line["Member number"] in {member.number for member in world.here.members}
    assert line["Posted at"].date() == DAY
    cells = everything(export(browser, "attendances"))
    assert "=1+1" in cells
    assert "@SUM(A1)" in cells


def test_a_session_has_its_date_once_and_its_times_beside_it(world):
    header, first, *_ = export(browser_of(world.here.clerk), "sessions")

    line = dict(zip(header, first, strict=True))
    assert (line["Date"], line["Starts at"], line["Ends at"]) == (DAY, "09:00", "12:00")


def test_shows_neither_phones_nor_id_numbers(world):
    Member.objects.update(phone="13800000000")
    for name in NAMES:
        text = everything(export(browser_of(officer()), name))
        assert "13800000000" not in text
        assert "999999" not in text


def test_speaks_the_readers_language(world):
    header, *_ = export(browser_of(world.here.clerk, "zh-hans"), "members")

    assert header[:4] == ["姓名", "党员编号", "党组织", "党校"]


def test_is_narrowed_as_the_page_was(world):
    browser = browser_of(officer())
    branch = world.here.organisation

    assert len(export(browser, "members", organisation=branch.code)) == 1 + 3
    assert len(export(browser, "members", school=world.there.pk, outcome="met")) == 1
    assert len(export(browser, "entries", part="m5")) == 1 + 6
    assert len(export(browser, "entries", part="m6")) == 1


@pytest.mark.parametrize(
    ("name", "in_part", "of_year"), [("schools", 7, 5), ("organisations", 5, 6)]
)
class TestPartOfTheYear:
    """Figures of a quarter stand beside figures of the whole year, and each says which it is."""

    def test_the_head_of_the_page_says_so(self, world, name, in_part, of_year):
        page_name = next(list_export.page for list_export in ALL if list_export.name == name)
        browser = browser_of(officer())
        text = browser.get(reverse(page_name), YEAR | {"part": "q3"}).content.decode()

        assert f'scope="colgroup" colspan="{in_part}">1 July – 30 September</th>' in text
        assert f'scope="colgroup" colspan="{of_year}">Whole year</th>' in text
        assert f'<colgroup span="{in_part}">' in text
        assert "colgroup" not in browser.get(reverse(page_name), YEAR).content.decode()

    def test_the_headers_of_the_file_say_so(self, world, name, in_part, of_year):
        head = export(browser_of(officer()), name, part="m2")[0]
        groups = [text.split(": ")[0] for text in head]
        chinese = export(browser_of(officer(), "zh-hans"), name, part="m2")[0]

        assert groups.count("1 February – 28 February") == in_part
        assert groups.count("Whole year") == of_year
        assert "全年：达标人数" in chinese
        assert "2月1日至2月28日：培训人次" in chinese
        assert not any("Whole year" in text for text in export(browser_of(officer()), name)[0])


@pytest.mark.parametrize("name", NAMES)
def test_file_and_sheet_are_called_as_the_list_in_the_language_of_the_reader(world, name):
    user = officer()
    for language in ("en", "zh-hans"):
        with translation.override(language):
            title = str(next(list_export.title for list_export in ALL if list_export.name == name))
        reply = browser_of(user, language).post(reverse("backstage:export", args=[name]), YEAR)
        file_name = f"{title} {today():%Y-%m-%d}.xlsx"
        disposition = reply.headers["Content-Disposition"]
        assert (
            quote(file_name) in disposition if language == "zh-hans" else file_name in disposition
        )
        assert ("filename*=utf-8''" in disposition) == (language == "zh-hans")
        assert read_table(reply.content, "a.xlsx").sheet == title
