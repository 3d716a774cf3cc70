"""Every page with rows between phone and desk and on paper; lists on a phone."""

from __future__ import annotations

import re
from datetime import timedelta
from math import ceil

import pytest
from django.db.models import CharField, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from config.lib.periods import at_local, period, today
from courses.models import Course, TrainingClass, Venue
from rolls.actions.attendance import submit_roll
from rolls.actions.reminders import remind_of_rolls
from schools.models import Organisation, RoleGrant, School
from studies.models import Study, StudyReview
from tests import factories
from tests.access.conftest import TwoSchools
from tests.access.table import OK, TABLE
from tests.browser.conftest import DESK, PHONE
from tests.factories import ClassWorld
from trainees.enums import PostKind
from trainees.models import Member

DAY = timedelta(days=1)
WIDTHS = [600, 768, 834, 1024, 1280]
# Whose pages are narrow columns.
READERS = {Role.MEMBER, Role.BRANCH_SECRETARY}
# What A4 leaves between the margins of the style sheet, in CSS pixels.
PAPER = {"width": 680, "height": 978}
# Texts as long as the longest of the demo district.
LONG_NAME = "中共西青区杨柳青镇前桑园村网格第二联合支部委员会"
LONG_TITLE = "习近平总书记关于“三农”工作的重要论述"
LONG_ROOM = "西青区平津战役前线旧址现场教学点二楼报告厅"
LONG_REASON = "签到表上的人数与照片对不上，请补上缺的两个签名以后再交一次"
# The highest row in pixels: six lines at a desk, eight where rows are cards and on paper; figures
# stand in columns, and a line in words below a row has a button. Members' pages have larger type,
# and larger rows with it.
ON_SCREEN, OF_FIGURES, OF_NOTES, ON_PAPER = {600: 210, 768: 190, 834: 190}, 250, 250, 150
AT_A_DESK = 175
# Rows of lists on a phone: the first line is as high as a link or a button.
TWO_LINES, THREE_LINES, WITH_A_BUTTON = 72, 97, 114

# Rows that are too high, and texts in them that are squeezed to a column of a few signs.
_WRONG_ROWS = """([highest, ofFigures, ofNotes]) =>
    [...document.querySelectorAll("main tbody > tr, .roll-row, main li")]
    .filter((row) => row.checkVisibility()).flatMap((row) => {
        const { height } = row.getBoundingClientRect();
        const isRow = row.matches("tr, .roll-row");
        const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
        const most = Math.max(rem, 1) * (row.matches(".table-figures tr") ? ofFigures
            : row.matches(".row-note") ? ofNotes : highest);
        // A line of the board holds all of a week, however much that is.
        const isHigh = isRow && !row.matches(".table-week tr") && height > most;
        const wrong = isHigh ? [`${Math.round(height)} px: ${row.innerText}`] : [];
        for (const part of row.querySelectorAll("*")) {
            const text = [...part.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
                .map((node) => node.data.trim()).join("");
            const box = part.getBoundingClientRect();
            const size = parseFloat(getComputedStyle(part).fontSize);
            if (text.length > 6 && box.width > 1 && box.width < 4 * size && box.height > 4 * size)
                wrong.push(`squeezed: ${text}`);
        }
        return wrong;
    })"""
_ROW_COUNT = 'document.querySelectorAll("main tbody > tr, .roll-row, main li").length'
_HEIGHT = "document.documentElement.scrollHeight"
# Tables that are wider than their place: what is beyond its edge is out of sight.
_CUT = """() => [...document.querySelectorAll(".table-wrap")]
    .filter((wrap) => wrap.checkVisibility()).map((wrap) => wrap.scrollWidth - wrap.clientWidth)
    .filter((cut) => cut > 0)"""
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def wrong_on_screens(page, name: str) -> list[tuple]:
    """What is too high, squeezed or cut at each width."""
    wrong = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        rows = page.evaluate(_WRONG_ROWS, [ON_SCREEN.get(width, AT_A_DESK), OF_FIGURES, OF_NOTES])
        wrong += [(name, width, row) for row in rows]
        if page.evaluate(_OVERFLOW) > 0:
            wrong.append((name, width, "scrolls sideways"))
        wrong += [(name, width, f"{cut} px are cut") for cut in page.evaluate(_CUT)]
    return wrong


def wrong_on_paper(page, name: str) -> list[tuple]:
    """Rows that are too high on A4, what is cut at its edge, and pages that are nearly empty."""
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    rows = page.evaluate(_WRONG_ROWS, [ON_PAPER, ON_PAPER, ON_PAPER])
    wrong = [(name, "paper", row) for row in rows]
    if page.evaluate(_OVERFLOW) > 0:
        wrong.append((name, "paper", "is cut at the edge"))
    pages, most = count_printed(page), ceil(page.evaluate(_HEIGHT) / PAPER["height"]) + 1
    if pages > most:
        wrong.append((name, "paper", f"{pages} pages, not {most}"))
    page.emulate_media(media="screen")
    page.set_viewport_size(DESK)
    return wrong


def count_printed(page) -> int:
    """How many pages come out of the printer."""
    return len(re.findall(rb"/Type /Page\b", page.pdf(prefer_css_page_size=True)))


def pages_of(role: Role) -> list[str]:
    """Pages of the own school that `role` looks at: the first role that may, and all readers."""
    may = {
        name: [one for one in Role if TABLE[name].expected(one, is_own=True) == OK]
        for name in TABLE
    }
    return [
        name for name, roles in may.items() if role in (roles if role in READERS else roles[:1])
    ]


def lengthen(schools: TwoSchools) -> None:
    """Gives the own school's things the longest texts, and its member classes that clash."""
    own, now = schools.own, timezone.now()
    at_once = [factories.make_class(own["school"]) for _ in range(3)]
    apart = factories.make_class(own["school"])
    factories.enrol(at_once[0], own["member"])
    for training_class in at_once:
        factories.make_session(training_class, starts_at=now + timedelta(minutes=5))
    for hours in (4, 8, 12):
        factories.make_session(apart, starts_at=now + timedelta(hours=hours))
    overdue = factories.make_session(own["class"], starts_at=now - 40 * DAY)
    others = RoleGrant.objects.filter(role=Role.SCHOOL_CLERK, school=own["school"])
    others.exclude(user=own["account"]).delete()
    School.objects.update(telephone="02227391234")
    remind_of_rolls(
        session_ids=[overdue.pk],
        by=factories.acting(schools.people[Role.LIAISON_OFFICER]),
        at=now - DAY,
    )
    Organisation.objects.filter(pk=own["organisation"].pk).update(name=LONG_NAME)
    Course.objects.update(title=LONG_TITLE)
    TrainingClass.objects.update(title=f"{LONG_TITLE}加油包", is_open=True)
    Venue.objects.update(name=Concat(Value(LONG_ROOM), "pk", output_field=CharField()))
    returned = factories.make_study(
        own["organisation"], [own["member"]], by=own["account"], held_on=today() - DAY
    )
    StudyReview.objects.create(
        study=returned,
        round=returned.round,
        step="school",
        verdict="returned",
        reason=LONG_REASON,
        recorded_by=own["account"],
        reviewed_at=now,
        reviewed_by=schools.people[Role.SCHOOL_LEADER],
    )
    Study.objects.filter(pk=returned.pk).update(state="draft")
    Study.objects.update(topic=LONG_TITLE)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_row_of_every_page_stays_low(transactional_db, visit, language):
    schools = TwoSchools()
    lengthen(schools)
    wrong, looked_at = [], 0
    for role in Role:
        visitor = visit(DESK, language)
        visitor.asks_axe = False  # other journeys ask
        visitor.sign_in(schools.people[role])
        page = visitor.page
        for name in pages_of(role):
            address = reverse(name, args=TABLE[name].arguments(schools.own))
            # A file is no page.
            reply = page.request.get(f"{visitor.base}{address}", max_redirects=0)
            if not reply.headers.get("content-type", "").startswith("text/html"):
                continue
            page.goto(f"{visitor.base}{address}")
            if page.evaluate(_ROW_COUNT):
                looked_at += 1
                wrong += wrong_on_screens(page, name) + wrong_on_paper(page, name)

    assert not wrong
    assert looked_at > 60


@pytest.mark.parametrize("is_submitted", [False, True], ids=["draft", "submitted"])
def test_a_roll_of_forty_is_low_between_phone_and_desk_and_two_pages_on_paper(visit, is_submitted):
    world = ClassWorld(size=40)
    world.organisation.name = LONG_NAME
    world.organisation.save(update_fields=["name"])
    world.session.delete()
    world.session = factories.make_session(
        world.training_class, starts_at=at_local(today(), 0), hours="4"
    )
    if is_submitted:
        marks, at = world.marks("present"), at_local(today(), 12)
        submit_roll(session_id=world.session.pk, marks=marks, seen={}, by=world.by, at=at)
    clerk = visit()
    clerk.sign_in(world.clerk)
    clerk.open(reverse("rolls:roll", args=[world.session.pk]))

    assert not wrong_on_screens(clerk.page, "roll")
    assert not wrong_on_paper(clerk.page, "roll")
    clerk.page.emulate_media(media="print")
    assert count_printed(clerk.page) <= 3


@pytest.fixture
def district(transactional_db):
    """An officer who sees eleven schools, each with a class that was held."""
    officer = factories.make_user(display_name="刘洋")
    factories.grant(officer, Role.ORGANISATION_DEPARTMENT)
    for number in range(11):
        school = factories.make_school(f"1201111{number:02}", f"第{number}街道")
        members = [factories.make_member(factories.make_organisation(school)) for _ in range(3)]
        factories.make_class_over(school, factories.make_clerk(school), *members)
    return officer


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_overview_shows_its_last_column_at_every_width(district, visit, language):
    officer = visit(DESK, language)
    officer.sign_in(district)
    for path in ("/overview/", "/overview/?part=q2", "/overview/organisations/"):
        officer.open(path)
        for width in (360, *WIDTHS, 900, 1280, 1440):
            officer.page.set_viewport_size({"width": width, "height": 900})
            cut = officer.page.evaluate(
                """() => [...document.querySelectorAll(".table-wrap")]
                    .map((wrap) => wrap.scrollWidth - wrap.clientWidth).filter((cut) => cut > 0)"""
            )
            assert not cut, (path, width, cut)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_list_on_a_phone_is_short_and_comes_before_its_filters(district, visit, language):
    officer = visit(PHONE, language)
    officer.sign_in(district)
    officer.open("/members/")
    page = officer.page

    assert page.locator("tbody tr").count() == 20
    # The first row is on the first screen.
    assert page.locator("tbody tr").first.bounding_box()["y"] < PHONE["height"] - 60
    assert page.evaluate(_HEIGHT) < 4500
    assert not page.locator(".filters").is_visible()
    officer.unfold()
    officer.look()
    page.fill("input[name=q]", "nobody")
    page.locator(".filters button").click()
    page.wait_for_load_state()
    officer.look()
    assert "nobody" in page.locator(".filters-fold label").first.inner_text()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_rows_of_members_to_tick_are_few_lines_on_a_phone(visit, language, transactional_db):
    world = ClassWorld()
    Organisation.objects.filter(pk=world.organisation.pk).update(name=LONG_NAME)
    clerk = visit(PHONE, language)
    clerk.sign_in(world.clerk)
    for name in ("trainees:slips", "rolls:cards"):
        clerk.open(reverse(name))
        # The name with its box and the state; then the number and the organisation, whose
        # longest name takes two lines.
        heights = clerk.page.locator("tbody tr").evaluate_all(
            "rows => rows.map((row) => Math.round(row.getBoundingClientRect().height))"
        )
        assert len(heights) == 3
        assert max(heights) <= 132, (name, heights)


@pytest.fixture
def office(transactional_db):
    """A liaison officer and a clerk: rolls that are due, and members with trainings to make up."""
    world = ClassWorld()
    world.organisation.name = "西河闸社区第五党支部"
    world.organisation.save(update_fields=["name"])
    Member.objects.update(name="欧阳建设", joined_on=today() - 200 * DAY)
    world.members[0].posts.create(
        organisation=world.organisation, kind=PostKind.SECRETARY, period=period(today() - 400 * DAY)
    )
    TrainingClass.objects.update(title="杨柳青2026年第49期党员现场教学")
    School.objects.update(name="杨柳青镇党校", telephone="02227391234")
    for days in (40, 41, 42):
        factories.make_session(world.training_class, starts_at=at_local(today() - days * DAY, 9))
    world.liaison = factories.make_user()
    factories.grant(world.liaison, Role.LIAISON_OFFICER, school=world.school)
    reminded = world.training_class.sessions.order_by("starts_at").first()
    remind_of_rolls(
        session_ids=[reminded.pk], by=factories.acting(world.liaison), at=timezone.now() - DAY
    )
    return world


def heights_on(visitor, path: str) -> list[int]:
    visitor.open(path)
    heights = visitor.page.locator("tbody tr:visible").evaluate_all(
        "rows => rows.map((row) => Math.round(row.getBoundingClientRect().height))"
    )
    assert len(heights) >= 3, path
    return heights


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_rows_on_a_phone_take_two_lines_or_three_with_a_button(office, visit, language):
    for user in (office.clerk, office.liaison):
        visitor = visit(PHONE, language)
        visitor.sign_in(user)
        assert max(heights_on(visitor, "/members/")) <= TWO_LINES
        assert max(heights_on(visitor, "/members/trainings/")) <= TWO_LINES
        # When and what to do; which class; whether it is done, where, and how many.
        assert max(heights_on(visitor, "/sessions/")) <= WITH_A_BUTTON

    # The longest of the demo district.
    Organisation.objects.update(name="李七庄街道农民专业合作社第三联合第一党支部")
    TrainingClass.objects.update(title="西营门街道2026年第148期党组织书记加油包")
    for path, most in (
        ("/members/", THREE_LINES),
        ("/members/trainings/", THREE_LINES),
        ("/sessions/", WITH_A_BUTTON),
    ):
        assert max(heights_on(visitor, path)) <= most, path


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_roll_to_ask_for_is_low_at_a_desk(office, visit, language):
    visitor = visit(DESK, language)
    visitor.sign_in(office.liaison)

    heights = heights_on(visitor, "/sessions/")
    assert visitor.page.locator(".row-note").count() == len(heights) / 2
    assert max(heights) <= 100


def test_labels_of_filters_take_one_line_each(district, visit):
    for language in ("zh-hans", "en"):
        officer = visit(DESK, language)
        officer.sign_in(district)
        for path in ("/members/", "/sessions/", "/overview/entries/", "/disputes/"):
            officer.open(path)
            heights = officer.page.locator(".filters .form-label").evaluate_all(
                "labels => labels.map((label) => label.getBoundingClientRect().height)"
            )
            assert max(heights) < 30, (path, heights)


def test_what_is_overdue_does_not_look_like_what_waits(visit, transactional_db):
    world = ClassWorld()
    for days in (0, 40):
        factories.make_session(world.training_class, starts_at=at_local(today() - days * DAY, 0))
    clerk = visit()
    clerk.sign_in(world.clerk)
    clerk.open("/sessions/")
    look = "chip => { const style = getComputedStyle(chip); return style.backgroundColor; }"
    late, waiting = (
        clerk.page.locator(f".state-{kind}").first.evaluate(look) for kind in ("warn", "due")
    )

    assert late != waiting
