"""The list of lecturers, a lecturer, and the sessions behind the figures."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from classes.models import RatingAnswer, RatingRound
from classes.queries.lecturers import Feedback, find_feedback, list_feedback
from config.lib.periods import at_local, inclusive_period, today
from config.lib.spreadsheet_reading import read_table
from courses.models import Course, Session
from instructors.models import AppointmentLetter, Instructor
from rolls.actions.attendance import submit_roll
from schools.models import Township
from tests import factories
from tests.browsers import browser_of

pytestmark = pytest.mark.django_db
LIST = "/lecturers/"


class World:
    """Two schools, a clerk of the first, an academic officer, and a lecturer of the second."""

    def __init__(self) -> None:
        self.here = factories.make_school()
        self.there = factories.make_school("120111005", "津门湖街道")
        self.clerk = factories.make_clerk(self.here)
        self.officer = factories.make_user()
        factories.grant(self.officer, Role.DISTRICT_SCHOOL)
        self.lecturer = factories.make_lecturer(self.there, "赵敏")
        self.classes = {
            school: factories.make_class(school, f"{school.name}培训班")
            for school in (self.here, self.there)
        }
        self.course = factories.make_session(self.classes[self.here]).course

    def hold(self, school, day, hours="4", lecturer=None):
        return factories.make_session(
            self.classes[school],
            starts_at=at_local(day, 9),
            hours=hours,
            instructor=lecturer or self.lecturer,
        )

    def submit(self, session):
        school = session.training_class.school
        member = factories.make_member(factories.make_organisation(school, f"{session.pk}支部"))
        factories.enrol(session.training_class, member)
        clerk = self.clerk if school == self.here else factories.make_clerk(school)
        submit_roll(
            session_id=session.pk,
            marks={member.pk: "present"},
            seen={},
            by=factories.acting(clerk),
            at=session.ends_at,
        )

    def page(self, name="lecturer"):
        return reverse(f"classes:{name}", args=[self.lecturer.pk])


@pytest.fixture
def world():
    return World()


def give_letter(lecturer, first, last, **fields):
    return AppointmentLetter.objects.create(
        number=f"第{AppointmentLetter.objects.count() + 1}号",
        instructor=lecturer,
        period=inclusive_period(today() + timedelta(days=first), today() + timedelta(days=last)),
        signed_on=today(),
        **fields,
    )


def names(page):
    return [line.lecturer.name for line in page.context["page_obj"]]


class TestTheList:
    def test_shows_all_lecturers_to_the_staff_of_any_school(self, world):
        Instructor.objects.update(home_township=Township.objects.get(code="120111005"))
        world.lecturer.courses.add(world.course)
        world.hold(world.there, today().replace(month=1, day=5), "2")
        give_letter(world.lecturer, -10, 300)

        page = browser_of(world.clerk).get(LIST)

        (line,) = page.context["page_obj"]
        assert line.lecturer == world.lecturer
        assert line.load.year.planned == 2
        assert "网格化治理" in page.text
        assert "津门湖街道" in page.text
        assert "valid" in page.text

    def test_is_found_by_name_and_by_initials(self, world):
        for name in ("钱进", "欧阳修远"):
            factories.make_lecturer(world.there, name)
        browser = browser_of(world.clerk)

        assert names(browser.get(LIST, {"lecturer": "敏"})) == ["赵敏"]
        assert names(browser.get(LIST, {"lecturer": "qj"})) == ["钱进"]
        assert names(browser.get(LIST, {"lecturer": "OYX"})) == ["欧阳修远"]
        assert names(browser.get(LIST, {"lecturer": "孙"})) == []

    def test_stands_in_the_order_of_names(self, world):
        for name in ("钱进", "白洁"):
            factories.make_lecturer(world.there, name)

        assert names(browser_of(world.clerk).get(LIST)) == ["白洁", "钱进", "赵敏"]

    def test_is_narrowed_by_corps_home_and_what_they_teach(self, world):
        other = Instructor.objects.create(name="钱进", corps="professional", employer="区委党校")
        world.lecturer.home_township = Township.objects.get(code="120111005")
        world.lecturer.save()
        other.courses.add(world.course)
        browser = browser_of(world.officer)

        for query, found in (
            ({"corps": "professional"}, ["钱进"]),
            ({"township": "120111005"}, ["赵敏"]),
            ({"township": "none"}, ["钱进"]),
            ({"module": "governance"}, ["钱进"]),
            ({"module": "rural"}, []),
            ({"course": "网格"}, ["钱进"]),
            ({"course": "没有"}, []),
        ):
            assert names(browser.get(LIST, query)) == found, query

    def test_a_retired_course_is_taught_no_more(self, world):
        world.lecturer.courses.add(world.course)
        Course.objects.update(
            period=inclusive_period(today() - timedelta(days=9), today() - timedelta(days=1))
        )

        page = browser_of(world.officer).get(LIST, {"module": "governance"})

        assert names(page) == []

    @pytest.mark.parametrize(
        ("standing", "terms", "revoked"),
        [
            ("none", [], False),
            ("in_force", [(-10, 300)], False),
            ("ending", [(-10, 20)], False),
            ("in_force", [(-10, 20), (21, 400)], False),
            ("to_come", [(5, 300)], False),
            ("expired", [(-300, -1)], False),
            ("revoked", [(-10, 300)], True),
        ],
    )
    def test_is_narrowed_by_how_the_letter_stands(self, world, standing, terms, revoked):
        for first, last in terms:
            facts = {}
            if revoked:
                facts = {
                    "revoked_at": timezone.now(),
                    "revoked_by": world.officer,
                    "revocation_reason": "调离",
                }
            give_letter(world.lecturer, first, last, **facts)
        browser = browser_of(world.officer)

        assert names(browser.get(LIST, {"letter_standing": standing})) == ["赵敏"]
        others = {"none", "in_force", "ending", "to_come", "expired", "revoked"} - {standing}
        for other in others:
            assert names(browser.get(LIST, {"letter_standing": other})) == [], other

    def test_counts_the_hours_of_the_chosen_year(self, world):
        day = today().replace(month=1, day=5)
        world.hold(world.here, day.replace(year=day.year - 1), "2")
        world.hold(world.here, day.replace(year=day.year + 1), "0.25")
        browser = browser_of(world.officer)

        for year, hours in ((day.year - 1, "2"), (day.year, "0"), (day.year + 1, "0.25")):
            (line,) = browser.get(LIST, {"year": year}).context["page_obj"]
            assert line.load.year.planned == Decimal(hours)

    def test_costs_the_same_for_one_and_for_a_page(self, world):
        browser = browser_of(world.clerk)
        browser.get(LIST)
        with CaptureQueriesContext(connection) as one:
            browser.get(LIST)
        for number in range(25):
            lecturer = factories.make_lecturer(world.there, f"钱{number}")
            lecturer.courses.add(world.course)
            give_letter(lecturer, -5, 200)
            world.hold(world.there, today() + timedelta(days=number + 1), lecturer=lecturer)

        with CaptureQueriesContext(connection) as many:
            browser.get(LIST)

        assert len(many) == len(one)

    def test_comes_as_a_file_with_the_hours_of_each_month(self, world):
        day = today().replace(month=3, day=5)
        world.hold(world.here, day, "2")
        world.lecturer.courses.add(world.course)

        answer = browser_of(world.clerk).post(
            reverse("backstage:export", args=["lecturers"]), {"year": day.year}
        )

        assert answer.status_code == 200
        table = read_table(answer.content, "lecturers.xlsx")
        text = str(list(table.rows))
        assert "赵敏" in text
        assert "网格化治理" in text
        assert "March: Hours planned" in text


class TestALecturer:
    def test_shows_load_and_sessions_in_sight_only(self, world):
        day = today() + timedelta(days=3)
        here = world.hold(world.here, day)
        there = world.hold(world.there, day + timedelta(days=1), "2")

        page = browser_of(world.clerk).get(world.page(), {"year": day.year})

        assert list(page.context["coming"]) == [here]
        both = here.hours + there.hours if there.held_on.year == day.year else here.hours
        assert page.context["load"].year.planned == both
        assert list(browser_of(world.officer).get(world.page()).context["coming"]) == [here, there]

    def test_leads_the_academic_officer_to_days_and_home(self, world):
        home = reverse("instructors:home_township", args=[world.lecturer.pk])

        assert home in browser_of(world.officer).get(world.page()).text
        assert home not in browser_of(world.clerk).get(world.page()).text

    def test_does_not_show_letters_out_of_sight(self, world):
        letter = give_letter(world.lecturer, -5, 200)

        assert letter.number in browser_of(world.officer).get(world.page()).text
        text = browser_of(world.clerk).get(world.page()).text
        assert letter.number not in text
        assert "valid" in text

    def test_is_nobodys_page_but_the_staffs_and_the_own(self, world):
        other = factories.make_lecturer(world.there, "钱进", user=factories.make_user())
        browser = browser_of(other.user)

        assert browser.get(world.page()).status_code == 404
        assert browser.get(world.page("lecturer_sessions")).status_code == 404
        assert browser.get(reverse("classes:lecturer", args=[other.pk])).status_code == 200

    def test_costs_the_same_for_any_number_of_sessions(self, world):
        browser = browser_of(world.officer)
        browser.get(world.page())
        world.hold(world.here, today() + timedelta(days=1))
        with CaptureQueriesContext(connection) as one:
            browser.get(world.page())
        for number in range(2, 20):
            world.hold(world.here, today() + timedelta(days=number))

        with CaptureQueriesContext(connection) as many:
            browser.get(world.page())

        assert len(many) == len(one)


class TestTheSessionsBehindAFigure:
    def test_are_those_of_the_month_and_state(self, world):
        year = today().year - 1
        march = world.hold(world.here, today().replace(year=year, month=3, day=2))
        taught = world.hold(world.here, today().replace(year=year, month=3, day=3), "2")
        world.hold(world.here, today().replace(year=year, month=4, day=2))
        world.submit(taught)
        browser, address = browser_of(world.clerk), world.page("lecturer_sessions")
        part = {"year": year, "part": "m3"}

        page = browser.get(address, part | {"teaching": "planned"})
        assert list(page.context["page_obj"]) == [march, taught]
        assert page.context["sums"] == {"n": 2, "hours": Decimal(6)}
        page = browser.get(address, part | {"teaching": "taught"})
        assert list(page.context["page_obj"]) == [taught]

    def test_at_other_schools_are_summed(self, world):
        year = today().year - 1
        world.hold(world.here, today().replace(year=year, month=3, day=2))
        world.hold(world.there, today().replace(year=year, month=3, day=3), "2")

        page = browser_of(world.clerk).get(world.page("lecturer_sessions"), {"year": year})

        assert page.context["sums"] == {"n": 1, "hours": Decimal(4)}
        assert page.context["elsewhere"] == {"n": 1, "hours": Decimal(2)}
        assert "津门湖街道培训班" not in page.text
        page = browser_of(world.officer).get(world.page("lecturer_sessions"), {"year": year})
        assert page.context["elsewhere"]["n"] == 0

    def test_lead_a_lecturer_who_is_staff_as_well_to_pages_that_they_may_open(self, world):
        world.lecturer.user = world.clerk
        world.lecturer.save()
        session = world.hold(world.there, today())
        browser = browser_of(world.clerk)
        materials = reverse("classes:class_materials", args=[session.training_class_id])

        for name in ("lecturer", "lecturer_sessions"):
            text = browser.get(world.page(name)).text
            assert reverse("classes:training_class", args=[session.training_class_id]) not in (
                text.replace(materials, "")
            )
        assert browser.get(materials).status_code == 200

    def test_cost_the_same_for_one_and_for_a_page(self, world):
        browser, address = browser_of(world.clerk), world.page("lecturer_sessions")
        world.hold(world.here, today())
        browser.get(address)
        with CaptureQueriesContext(connection) as one:
            browser.get(address)
        for number in range(1, 15):
            world.hold(world.here, today() - timedelta(days=number))
            world.hold(world.there, today() - timedelta(days=number + 20))

        with CaptureQueriesContext(connection) as many:
            browser.get(address)

        assert len(many) == len(one)


class TestFeedback:
    def rate(self, world, school, scores, closed=True, least=5):
        training_class = world.classes[school]
        last = today() + timedelta(days=-1 if closed else 1)
        RatingRound.objects.create(training_class=training_class, last_day=last, least=least)
        for score in scores:
            RatingAnswer.objects.create(
                training_class=training_class,
                content=1,
                teaching=score,
                usefulness=1,
                organisation=1,
                text="讲得好",
            )

    def test_is_the_mean_of_published_classes_taught(self, world):
        for days, school in enumerate((world.here, world.there), start=30):
            world.hold(school, today() - timedelta(days=days))
        self.rate(world, world.here, [5, 5, 4, 4, 4])
        self.rate(world, world.there, [3] * 6)

        found = find_feedback(world.lecturer.pk, today())

        assert found == Feedback(Decimal("3.6"), 11, 2)
        assert list_feedback([world.lecturer.pk], today()) == {world.lecturer.pk: found}
        text = browser_of(world.clerk).get(world.page()).text
        assert "3.6 of 5, by 11 answers from 2 classes." in text
        assert "讲得好" not in text

    @pytest.mark.parametrize(
        ("scores", "closed", "least"),
        [([5] * 4, True, 5), ([5] * 5, False, 5), ([5] * 6, True, 7), ([], True, 5)],
    )
    def test_is_not_told_below_five_answers_or_while_open(self, world, scores, closed, least):
        world.hold(world.here, today() - timedelta(days=30))
        self.rate(world, world.here, scores, closed, least)

        assert find_feedback(world.lecturer.pk, today()) is None
        assert list_feedback([world.lecturer.pk], today()) == {}
        text = browser_of(world.clerk).get(world.page()).text
        assert "There are fewer so far." in text

    def test_a_small_class_adds_nothing_to_a_large_one(self, world):
        """Else the difference of two means would tell the answers of a few."""
        for days, school in enumerate((world.here, world.there), start=30):
            world.hold(school, today() - timedelta(days=days))
        self.rate(world, world.here, [5] * 5)
        self.rate(world, world.there, [1] * 2)

        assert find_feedback(world.lecturer.pk, today()) == Feedback(Decimal("5.0"), 5, 1)

    def test_a_class_of_others_is_not_theirs(self, world):
        self.rate(world, world.here, [5] * 5)
        session = world.hold(world.here, today() + timedelta(days=30))
        Session.objects.filter(pk=session.pk).update(
            called_off_at=timezone.now(), called_off_by=world.clerk, called_off_because="台风"
        )

        assert find_feedback(world.lecturer.pk, today()) is None
