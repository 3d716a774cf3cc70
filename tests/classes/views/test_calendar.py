"""The page of the calendar: whose it is, where its links lead, and who plans from it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from config.lib.periods import at_local, today
from config.lib.weeks import monday_of
from tests import factories
from tests.browsers import browser_of
from tests.dispatch.world import BookingWorld

pytestmark = pytest.mark.django_db

PAGE = "/calendar/"
SOON = today() + timedelta(days=7)


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


@pytest.fixture
def other():
    return factories.make_school("120111005", "津门湖街道")


def hold(world, **fields):
    return factories.make_session(
        factories.make_class(world.school),
        **{"starts_at": at_local(SOON, 9), "course": world.course} | fields,
    )


def shown(page) -> list:
    return [item for one in page.context["days"] for item in one.on.items]


def links_of(page, day: date = SOON) -> tuple[str, str]:
    (found,) = [one for one in page.context["days"] if one.on.day == day]
    return found.plan, found.book


class TestWhose:
    def test_a_clerk_begins_with_the_own_school_and_today(self, world):
        page = browser_of(world.clerk).get(PAGE)

        assert page.context["subject"].school == world.school
        days = [one.on.day for one in page.context["days"]]
        assert days[0] == monday_of(today())
        assert len(days) == 7

    def test_another_school_is_refused_in_words(self, world, other):
        hold(world)
        page = browser_of(factories.make_clerk(other)).get(
            PAGE, {"school": world.school.pk, "day": SOON.isoformat()}
        )

        assert page.context["subject"].school == other
        assert shown(page) == []
        assert page.context["filters"].notes

    def test_the_district_narrows_to_a_school_a_venue_or_a_lecturer(self, world, other):
        session = hold(world, venue=world.venue, instructor=world.lecturer)
        factories.make_session(factories.make_class(other), starts_at=at_local(SOON, 9))
        browser = browser_of(world.officer)
        day = {"day": SOON.isoformat()}

        assert len(shown(browser.get(PAGE, day))) == 2
        for name, row in (
            ("school", world.school),
            ("venue", world.venue),
            ("lecturer", world.lecturer),
        ):
            assert [item.session for item in shown(browser.get(PAGE, {**day, name: row.pk}))] == [
                session
            ]

    def test_a_venue_goes_with_its_school(self, world, other):
        browser = browser_of(world.officer)

        page = browser.get(PAGE, {"school": other.pk, "venue": world.venue.pk})
        assert (page.context["subject"].school, page.context["subject"].venue) == (other, None)
        assert page.context["filters"].notes == []
        page = browser.get(PAGE, {"venue": world.venue.pk})
        assert page.context["subject"].school == world.school

    def test_lecturers_have_their_own_whatever_they_ask(self, world):
        colleague = world.make_lecturer("孙立")
        session = hold(world, instructor=world.lecturer)
        hold(world, instructor=colleague)

        page = browser_of(world.lecturer.user).get(
            PAGE, {"lecturer": colleague.pk, "day": SOON.isoformat()}
        )

        assert [item.session for item in shown(page)] == [session]
        assert f"{reverse('classes:my_teaching')}#session-{session.pk}" in page.text
        assert reverse("classes:training_class", args=[session.training_class_id]) not in page.text
        assert links_of(page) == ("", "")


class TestTime:
    def test_weeks_and_months_lead_across_new_year(self, world):
        browser = browser_of(world.clerk)

        week = browser.get(PAGE, {"day": "2026-12-31"}).context
        assert next(one.on.day for one in week["days"]) == date(2026, 12, 28)
        assert "day=2026-12-21" in week["before"]
        assert "day=2027-01-04" in week["after"]

        month = browser.get(PAGE, {"day": "2026-12-31", "view": "month"}).context
        assert "day=2027-01-01&view=month" in month["after"]
        assert [one.on.day for one in month["days"] if one.is_outside] == [
            date(2026, 11, 30),
            *(date(2027, 1, day) for day in (1, 2, 3)),
        ]

    def test_links_keep_whose_calendar_it_is(self, world):
        page = browser_of(world.officer).get(PAGE, {"lecturer": world.lecturer.pk})

        kept = [page.context[name] for name in ("before", "after", "now_address")]
        kept += [view["url"] for view in page.context["views"]]
        assert all(f"lecturer={world.lecturer.pk}" in address for address in kept)

    def test_a_day_is_chosen_and_lecturer_and_venue_are_found_by_typing(self, world):
        form = browser_of(world.officer).get(PAGE, {"day": "2026-06-30"}).context["filters"].form

        assert not form["day"].is_hidden
        assert form["day"].value() == "2026-06-30"
        assert 'data-find="zm ~zhaomin' in str(form["lecturer"])
        assert "data-type-ahead" in str(form["venue"])

    @pytest.mark.parametrize("asked", [{"day": "31.12.2026"}, {"view": "year"}, {"venue": "x"}])
    def test_what_cannot_be_read_is_named(self, world, asked):
        page = browser_of(world.officer).get(PAGE, asked)

        assert len(page.context["filters"].notes) == 1
        assert len(page.context["days"]) == 7

    @pytest.mark.parametrize("day", ["1900-01-01", "2100-12-31"])
    @pytest.mark.parametrize("view", ["week", "month"])
    def test_the_ends_of_the_calendar_are_shown(self, world, day, view):
        assert browser_of(world.clerk).get(PAGE, {"day": day, "view": view}).status_code == 200


class TestItems:
    def test_an_item_opens_its_class_or_its_letter(self, world):
        session = hold(world)
        wish = factories.make_booking_letter(world.school, dates=[SOON])
        letter = factories.make_booking_letter(world.school, stage="scheduled", dates=[])
        factories.make_engagement(
            letter, world.lecturer, state="proposed", starts_at=at_local(SOON, 14)
        )

        page = browser_of(world.clerk).get(PAGE, {"day": SOON.isoformat()})

        assert reverse("classes:training_class", args=[session.training_class_id]) in page.text
        for row in (wish, letter):
            assert reverse("dispatch:letter", args=[row.pk]) in page.text

    def test_free_places_and_a_full_class_are_named(self, world):
        session = hold(world, venue=world.venue)
        browser, asked = browser_of(world.clerk), {"day": SOON.isoformat()}
        assert "120 of 120 free" in browser.get(PAGE, asked).text

        session.training_class.capacity = 1
        session.training_class.save()
        organisation = factories.make_organisation(world.school)
        factories.enrol(session.training_class, factories.make_member(organisation))
        assert "full" in browser.get(PAGE, asked).text


class TestPlanning:
    def test_a_day_leads_to_the_form_of_a_class_filled_in(self, world, other):
        factories.grant(world.clerk, Role.SCHOOL_CLERK, other)
        browser = browser_of(world.clerk)
        page = browser.get(
            PAGE,
            {
                "venue": world.venue.pk,
                "lecturer": world.lecturer.pk,
                "day": SOON.isoformat(),
            },
        )
        plan, _book = links_of(page)

        form = browser.get(plan).context["form"]

        assert form["first_day"].value() == SOON
        assert form["school"].value() == world.school.pk
        assert form["venue"].value() == world.venue.pk
        assert form["instructor"].value() == world.lecturer.pk

    def test_a_day_leads_to_a_letter_with_its_first_choice(self, world):
        browser = browser_of(world.clerk)
        page = browser.get(PAGE, {"venue": world.venue.pk, "day": SOON.isoformat()})
        _plan, book = links_of(page)

        form = browser.get(book).context["form"]

        assert form["day_1"].value() == SOON
        assert form["venue"].value() == world.venue.pk
        assert form["school"].value() == world.school.pk

    def test_a_form_begins_with_nothing_that_cannot_be_read(self, world, other):
        page = browser_of(world.clerk).get(
            reverse("classes:plan_class"),
            {"first_day": "2026-02-30", "school": other.pk, "venue": "x"},
        )

        form = page.context["form"]
        assert form["first_day"].value() is None
        assert form["school"].value() == world.school.pk
        assert form["venue"].value() is None

    def test_only_those_who_may_are_led_there(self, world):
        leader = factories.make_user()
        factories.grant(leader, Role.SCHOOL_LEADER, world.school)
        day = {"day": SOON.isoformat(), "school": world.school.pk}

        def offers(user) -> tuple[bool, ...]:
            return tuple(map(bool, links_of(browser_of(user).get(PAGE, day))))

        assert offers(world.clerk) == (True, True)
        assert offers(world.officer) == (True, False)
        assert offers(leader) == (False, False)
        assert offers(factories.make_department_officer()) == (False, False)

    def test_a_letter_wishes_for_a_day_after_today(self, world):
        page = browser_of(world.clerk).get(PAGE, {"day": today().isoformat()})

        plan, book = links_of(page, today())
        assert (bool(plan), book) == (True, "")

    def test_nothing_is_planned_on_a_day_that_is_over(self, world):
        page = browser_of(world.clerk).get(PAGE, {"day": "2020-03-03"})

        assert {(one.plan, one.book) for one in page.context["days"]} == {("", "")}


def test_the_page_costs_as_much_with_many_items(world):
    letter = factories.make_booking_letter(world.school, stage="scheduled", dates=[])
    browser, asked = browser_of(world.clerk), {"day": SOON.isoformat()}

    def add(number: int) -> None:
        hold(world, starts_at=at_local(SOON, number))
        factories.make_booking_letter(world.school, dates=[SOON])
        factories.make_engagement(
            letter,
            world.make_lecturer(f"讲师{number}"),
            state="proposed",
            starts_at=at_local(SOON, number),
        )

    def count() -> int:
        with CaptureQueriesContext(connection) as statements:
            assert browser.get(PAGE, asked).status_code == 200
        return len(statements)

    add(0)
    count()
    before = count()
    for number in range(1, 12):
        add(number)

    assert len(shown(browser.get(PAGE, asked))) == 36
    assert count() == before
