"""The pages of letters, desk and proposals: what they offer to whom, and at what cost."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from config.lib.periods import at_local, local_date
from config.lib.weeks import monday_of
from courses.models import TrainingClass
from dispatch.actions.letters import Wished, submit_letter
from dispatch.actions.proposals import decline_engagement
from dispatch.enums import EngagementState, LetterStage
from dispatch.links import find_by_token, token_of
from dispatch.models import BookingLetter, BookingRule, Engagement
from dispatch.queries.board import BoardBy
from tests import factories
from tests.browsers import browser_of
from tests.dispatch.world import LATER, WISHED, BookingWorld
from tests.factories import acting

pytestmark = pytest.mark.django_db

# Days to wish for; pages act at the moment of the test.
PAST, FAR, FARTHER = (
    (local_date(timezone.now()) + timedelta(days=days)).isoformat() for days in (-30, 30, 37)
)


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


def fill_in(world: BookingWorld, **changes: object) -> dict[str, object]:
    """What the form of a letter sends."""
    day = local_date(timezone.now()) + timedelta(days=30)
    return {
        "idempotency_key": uuid4(),
        "school": world.school.pk,
        "title": "基层治理课",
        "preset": "pack",
        "audience": "ordinary",
        "headcount": 40,
        "course_1": world.course.pk,
        "mode": "on_site",
        "venue": world.venue.pk,
        "day_1": day.isoformat(),
    } | changes


def confirm(browser, address: str, **data: object) -> object:
    """Carry out an act whose effects were shown."""
    return browser.post(address, {"idempotency_key": uuid4(), "step": "do", **data})


def test_from_the_letter_to_the_class_by_the_pages(world):
    clerk, desk = browser_of(world.clerk), browser_of(world.officer)

    reply = clerk.post(reverse("dispatch:write_letter"), fill_in(world))
    letter = BookingLetter.objects.get()
    assert reply.url == reverse("dispatch:letter", args=[letter.pk])
    confirm(clerk, reverse("dispatch:submit_letter", args=[letter.pk]))
    day = letter.dates.get().day
    confirm(desk, reverse("dispatch:schedule_letter", args=[letter.pk]), first_day=day, reason="x")
    desk.post(
        reverse("dispatch:engage_lecturer", args=[letter.pk, 1]),
        {"idempotency_key": uuid4(), "instructor": world.lecturer.pk, "reason": "x"},
    )
    engagement = Engagement.objects.get()
    confirm(desk, reverse("dispatch:release_plan"), chosen=engagement.pk)
    lecturer = browser_of(world.lecturer.user)
    assert world.course.title in lecturer.get(reverse("dispatch:my_engagements")).content.decode()
    confirm(lecturer, reverse("dispatch:accept", args=[engagement.pk]))
    confirm(clerk, reverse("dispatch:confirm_letter", args=[letter.pk]))

    assert TrainingClass.objects.get().sessions.get().instructor == world.lecturer


def test_an_error_stands_at_its_field_and_loses_nothing(world):
    reply = browser_of(world.clerk).post(
        reverse("dispatch:write_letter"), fill_in(world, venue="", title="治理课堂")
    )

    assert reply.status_code == 422
    assert reply.context["form"].errors.keys() == {"venue"}
    assert "治理课堂" in reply.content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"day_1": "", "day_2": FAR, "day_3": PAST}, "day_3"),
        ({"day_1": FAR, "day_2": FAR, "day_3": FARTHER}, "day_2"),
        ({"course_2": "", "course_4": "same"}, "course_4"),
        ({"wish": "社区调解", "wish_strand": "practice"}, "wish"),
    ],
)
def test_gaps_in_the_form_move_no_error_to_another_field(world, changes, field):
    if "course_4" in changes:
        changes = changes | {"course_4": world.course.pk}
    if "wish" in changes:
        changes = changes | {"wish_module": world.course.module_id}

    reply = browser_of(world.clerk).post(
        reverse("dispatch:write_letter"), fill_in(world, **changes)
    )

    assert reply.context["form"].errors.keys() == {field}


def test_a_reader_is_offered_no_act(world):
    letter = world.submit()
    leader = factories.make_user()
    factories.grant(leader, Role.SCHOOL_LEADER, world.school)

    page = browser_of(leader).get(reverse("dispatch:letter", args=[letter.pk])).content.decode()

    for name in ("cancel_letter", "schedule_letter", "copy_letter"):
        assert reverse(f"dispatch:{name}", args=[letter.pk]) not in page


def test_the_panel_says_why_somebody_cannot_teach(world):
    letter = world.submit()
    world.schedule(letter)
    without = factories.make_lecturer(world.school, "钱无书")

    reply = browser_of(world.officer).get(reverse("dispatch:engage_lecturer", args=[letter.pk, 1]))

    blocked = {row.instructor: [f.text for f in row.findings] for row in reply.context["blocked"]}
    assert blocked[without]
    assert world.lecturer in {row.instructor for row in reply.context["best"]}


def test_a_letter_that_ended_looks_for_no_lecturer(world):
    letter = world.submit()
    world.schedule(letter)
    address = reverse("dispatch:letter", args=[letter.pk])
    desk = browser_of(world.officer, "en")
    assert "no lecturer yet" in desk.get(address).text

    Engagement.objects.update(state=EngagementState.WITHDRAWN, reason="撤回")
    BookingLetter.objects.update(stage=LetterStage.CANCELLED)

    assert "no lecturer yet" not in desk.get(address).text


@pytest.mark.parametrize("name", ["engage_lecturer", "engage_for_letter"])
def test_the_panel_says_whom_the_school_wishes_for(world, name):
    day = local_date(timezone.now()) + timedelta(days=40)
    wishes = {"preferred_instructor": world.lecturer, "preferred_corps": "backbone"}
    letter = world.submit(dates=[Wished(day)], **wishes)
    world.schedule(letter, day)
    args = [letter.pk, 1] if name == "engage_lecturer" else [letter.pk]

    page = browser_of(world.officer).get(reverse(f"dispatch:{name}", args=args)).content.decode()

    assert page.count("Preferred lecturer") == page.count("Preferred corps") == 1
    assert page.count("wished for by the school") == 1


class TestTwoDispatchers:
    """The second one reads who changed what since the form was opened, and replaces nothing."""

    # Pages act at the moment of the test.
    day = local_date(timezone.now()) + timedelta(days=40)

    @pytest.fixture
    def letter(self, world) -> BookingLetter:
        letter = world.submit(dates=[Wished(self.day)])
        world.officer.display_name = "万鸿林"
        world.officer.save()
        return letter

    @pytest.fixture
    def desk(self, world) -> Client:
        colleague = factories.make_user()
        factories.grant(colleague, Role.DISTRICT_SCHOOL)
        return browser_of(colleague)

    def test_choose_a_lecturer_for_one_session(self, world, letter, desk):
        world.schedule(letter, self.day)
        other = world.make_lecturer("安翠莲")
        address = reverse("dispatch:engage_lecturer", args=[letter.pk, 1])
        seen = desk.get(address).context["form"]["seen"].value()
        world.engage(letter, other)
        sent = {"instructor": world.lecturer.pk, "reason": "x"}

        reply = desk.post(address, sent | {"seen": seen, "idempotency_key": uuid4()})

        assert reply.status_code == 409
        [said] = reply.context["form"].non_field_errors()
        assert "万鸿林" in said
        assert "安翠莲" in said
        assert letter.engagements.get().instructor == other

        renewed = {"seen": reply.context["form"]["seen"].value(), "idempotency_key": uuid4()}
        assert desk.post(address, sent | renewed).status_code == 302
        assert letter.engagements.get().instructor == world.lecturer

    @pytest.mark.parametrize("standing", [False, True])
    def test_schedule_one_letter(self, world, letter, desk, standing):
        if standing:
            world.schedule(letter, self.day)
        address = reverse("dispatch:schedule_letter", args=[letter.pk])
        seen = desk.get(address).context["form"]["seen"].value()
        world.schedule(letter, self.day + timedelta(days=3))
        day = (self.day + timedelta(days=6)).isoformat()
        sent = {"first_day": day, "reason": "x"}

        reply = confirm(desk, address, seen=seen, **sent)

        [said] = reply.context["form"].non_field_errors()
        assert "万鸿林" in said
        standing_on = letter.engagements.live().get().starts_at
        assert local_date(standing_on) == self.day + timedelta(days=3)

        renewed = reply.context["form"]["seen"].value()
        assert confirm(desk, address, seen=renewed, **sent).status_code == 302

    def test_the_page_names_the_colleague_who_works_on_it(self, world, letter, desk):
        browser_of(world.officer).post(reverse("dispatch:take_letter", args=[letter.pk]))
        address = reverse("dispatch:hand_over_letter", args=[letter.pk])

        page = desk.get(reverse("dispatch:letter", args=[letter.pk])).content.decode()
        assert "万鸿林" in page[page.index(address) :].split("</a>")[0]

        form = desk.get(address).context["form"]
        sent = {"owner": form["owner"].value(), "seen": form["seen"].value()}
        check = desk.post(address, sent | {"idempotency_key": uuid4()}).content.decode()
        assert "万鸿林" in check
        letter.refresh_from_db()
        assert letter.owner == world.officer

        confirm(desk, address, **sent)
        letter.refresh_from_db()
        assert letter.owner not in {world.officer, None}

    def test_who_would_take_what_a_colleague_just_handed_over_reads_who_has_it(
        self, world, letter, desk
    ):
        address = reverse("dispatch:hand_over_letter", args=[letter.pk])
        sent = {"owner": world.officer.pk, "seen": "", "idempotency_key": uuid4()}
        browser_of(world.officer).post(reverse("dispatch:take_letter", args=[letter.pk]))

        reply = desk.post(address, sent)

        assert reply.status_code == 422
        [said] = reply.context["form"].errors["owner"]
        assert "万鸿林" in said
        assert str(world.officer.pk) not in said


def _fill(world: BookingWorld, count: int) -> None:
    """Letters that wait, each with a session whose lecturer declined."""
    moment = at_local(local_date(timezone.now()) + timedelta(days=40), 9)
    for place in range(count):
        letter = factories.make_booking_letter(world.school, stage=LetterStage.SCHEDULED)
        factories.make_engagement(
            letter,
            world.lecturer,
            state=EngagementState.DECLINED,
            starts_at=moment + timedelta(days=place),
        )


def _fill_week(world: BookingWorld, monday: date, count: int) -> None:
    """Live engagements of one week, drafted and proposed, with a lecturer each and one lost."""
    for place in range(count):
        lecturer = factories.make_lecturer(world.school, f"讲师{monday:%j}{place}")
        for number, state in enumerate(EngagementState.values[:4], start=1):
            letter = factories.make_booking_letter(world.school, stage=LetterStage.SCHEDULED)
            factories.make_engagement(
                letter,
                lecturer,
                state=state,
                starts_at=at_local(monday + timedelta(days=number), 9),
            )


@pytest.mark.parametrize("by", BoardBy)
def test_a_full_week_of_the_board_costs_what_an_empty_one_does(world, by):
    desk = browser_of(world.officer)
    monday = monday_of(local_date(timezone.now()) + timedelta(days=40))
    address = reverse("dispatch:board") + f"?day={monday:%Y-%m-%d}&by={by}"
    counts, items = [], []
    for count in (1, 75):
        _fill_week(world, monday, count)
        desk.get(address)
        with CaptureQueriesContext(connection) as statements:
            reply = desk.get(address)
        counts.append(len(statements))
        items.append(sum(len(day) for line in reply.context["lines"] for day in line.days))

    assert items == [4, 304]
    assert counts[0] == counts[1]


def test_a_plan_of_many_sessions_costs_what_one_session_does(world):
    desk = browser_of(world.officer)
    monday = monday_of(local_date(timezone.now()) + timedelta(days=40))
    counts, changes = [], []
    for count in (1, 75):
        _fill_week(world, monday, count)
        desk.get(reverse("dispatch:plan"))
        with CaptureQueriesContext(connection) as statements:
            reply = desk.get(reverse("dispatch:plan"))
        counts.append(len(statements))
        changes.append(len(reply.context["changes"]))

    assert changes == [3, 228]
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["queue", "letters"])
def test_a_list_costs_the_same_for_one_letter_and_for_many(world, name):
    desk = browser_of(world.officer)
    counts, rows = [], []
    for count in (1, 300):
        _fill(world, count)
        desk.get(reverse(f"dispatch:{name}"))
        with CaptureQueriesContext(connection) as statements:
            reply = desk.get(reverse(f"dispatch:{name}"))
        counts.append(len(statements))
        rows.append(reply.context["page_obj"].paginator.count)

    assert rows == [1, 301]
    assert counts[0] == counts[1]


def test_the_mix_reacts_while_a_letter_is_filled_in(world):
    address = reverse("dispatch:letter_mix")
    browser = browser_of(world.clerk)

    empty = browser.get(address, {"school": world.school.pk}).content.decode()
    chosen = browser.get(address, fill_in(world)).content.decode()

    assert "100 / 0 / 0" not in empty
    assert "100 / 0 / 0" in chosen


@pytest.mark.parametrize(
    "ugly",
    [
        {"course_1": "9" * 40},
        {"day_1": "2026-13-45"},
        {"day_1": "9999-12-31"},
        {"wish": "x", "wish_module": "0", "wish_strand": "practice"},
        {"preset": "nonsense", "wish": "x", "wish_strand": "theory"},
    ],
)
def test_what_is_not_valid_yet_is_left_out(world, ugly):
    reply = browser_of(world.clerk).get(reverse("dispatch:letter_mix"), fill_in(world) | ugly)

    assert reply.status_code == 200


def test_the_mix_of_another_school_is_not_told(world):
    other = factories.make_school("120111005", "津门湖街道")

    reply = browser_of(world.clerk).get(reverse("dispatch:letter_mix"), {"school": other.pk})

    assert reply.status_code == 404


class TestALinkForALecturerWithoutAnAccount:
    @pytest.fixture
    def engagement(self, world) -> Engagement:
        letter = factories.make_booking_letter(world.school, stage=LetterStage.SCHEDULED)
        lecturer = factories.make_lecturer(world.school)
        factories.make_letter(lecturer)
        return factories.make_engagement(
            letter,
            lecturer,
            state=EngagementState.PROPOSED,
            starts_at=at_local(local_date(timezone.now()) + timedelta(days=40), 9),
        )

    @pytest.fixture
    def address(self, engagement) -> str:
        return reverse("dispatch:proposal", args=[token_of(engagement)])

    def test_is_answered_by_nobody_signed_in(self, engagement, address):
        reply = Client().post(address, {"answer": "accept"})

        assert reply.status_code == 302
        engagement.refresh_from_db()
        assert engagement.state == EngagementState.ACCEPTED

    def test_the_letter_and_the_board_say_that_it_was_the_link(self, world, engagement, address):
        desk = browser_of(world.officer, "en")
        day = local_date(engagement.starts_at)
        pages = [
            reverse("dispatch:letter", args=[engagement.letter_id]),
            reverse("dispatch:board") + f"?day={day}",
        ]

        def say() -> list[bool]:
            return ["answered by the link" in desk.get(page).content.decode() for page in pages]

        assert say() == [False, False]
        Client().post(address, {"answer": "accept"})
        assert say() == [True, True]

    def test_is_declined_with_a_reason(self, engagement, address):
        assert Client().post(address, {"answer": "decline"}).status_code == 422
        Client().post(address, {"answer": "decline", "reason": "出差"})

        engagement.refresh_from_db()
        assert (engagement.state, engagement.reason) == (EngagementState.DECLINED, "出差")

    def test_who_accepted_may_decline_with_a_reason_and_reads_whom_to_call(
        self, engagement, address
    ):
        BookingRule.objects.update(telephone="022-27391234")
        Client().post(address, {"answer": "accept"})

        page = Client(headers={"Accept-Language": "en"}).get(address).content.decode()
        assert "022-27391234" in page
        assert "(optional)" not in page
        assert Client().post(address, {"answer": "accept", "reason": "x"}).status_code == 422
        assert Client().post(address, {"answer": "decline"}).status_code == 422
        Client().post(address, {"answer": "decline", "reason": "出差"})

        engagement.refresh_from_db()
        assert (engagement.state, engagement.reason) == (EngagementState.DECLINED, "出差")
        assert engagement.answered_by_link

    def test_once_the_session_has_begun_nothing_is_declined(self, engagement, address):
        Client().post(address, {"answer": "accept"})
        over = timezone.now() - timedelta(hours=2)
        Engagement.objects.update(starts_at=over, ends_at=over + timedelta(hours=1))

        assert 'name="reason"' not in Client().get(address).content.decode()

    def test_is_not_answered_by_the_desk(self, world, engagement, address):
        browser_of(world.officer).post(address, {"answer": "accept"})

        engagement.refresh_from_db()
        assert engagement.state == EngagementState.PROPOSED

    def test_stands_on_the_page_of_the_letter_for_the_desk_alone(self, world, engagement):
        page = reverse("dispatch:letter", args=[engagement.letter_id])

        tokens = re.compile(r"/proposals/([^/\"]+)/")
        [token] = tokens.findall(browser_of(world.officer).get(page).text)
        assert find_by_token(token) == engagement
        assert not tokens.findall(browser_of(world.clerk).get(page).text)

    def test_a_forged_or_older_link_leads_nowhere(self, engagement, address):
        Engagement.objects.update(proposed_at=timezone.now())

        assert Client().get(address).status_code == 404
        assert Client().get(reverse("dispatch:proposal", args=["x:y:z"])).status_code == 404

    def test_with_an_account_it_is_answered_there(self, world, engagement, address):
        engagement.instructor.user = factories.make_user()
        engagement.instructor.save()

        assert Client().get(address).status_code == 404


class TestWhoReadsWhat:
    def page(self, user, letter) -> str:
        address = reverse("dispatch:letter", args=[letter.pk])
        return browser_of(user).get(address).content.decode()

    def test_why_a_lecturer_declined_is_for_the_desk(self, world):
        engagement = world.propose()
        decline_engagement(
            engagement_id=engagement.pk, reason="家中有事", by=acting(world.lecturer.user), at=LATER
        )
        letter = engagement.letter

        assert "家中有事" in self.page(world.officer, letter)
        of_school = self.page(world.clerk, letter)
        assert "家中有事" not in of_school
        assert "赵敏: declined" in of_school
        assert "no lecturer yet" in of_school

    def test_an_override_of_it_is_for_the_desk_too(self, world):
        engagement = world.propose()
        decline_engagement(
            engagement_id=engagement.pk, reason="家中有事", by=acting(world.lecturer.user), at=LATER
        )
        world.engage(engagement.letter)

        assert "家中有事" in self.page(world.officer, engagement.letter)
        assert "家中有事" not in self.page(world.clerk, engagement.letter)

    def test_the_check_page_of_a_schedule_names_what_it_overrides(self, world):
        now = timezone.now()
        wished, day = (local_date(now) + timedelta(days=days) for days in (30, 31))
        letter = world.write(at=now, dates=[Wished(wished)])
        submit_letter(letter_id=letter.pk, by=acting(world.clerk), at=now)

        page = browser_of(world.officer).post(
            reverse("dispatch:schedule_letter", args=[letter.pk]),
            {"idempotency_key": uuid4(), "first_day": day.isoformat(), "reason": "礼堂检修"},
        )

        assert "In spite of this warning: Begins on" in page.content.decode()

    def test_what_a_schedule_overrode_stands_on_the_letter_with_who_and_why(self, world):
        letter = world.submit()
        world.schedule(letter, WISHED + timedelta(days=1), reason="礼堂当天检修")

        page = self.page(world.clerk, letter)

        assert "礼堂当天检修" in page
        assert letter.steps.last().warnings[0] in page


class TestLettersOfOthers:
    @pytest.fixture
    def guest(self):
        return factories.make_clerk(factories.make_school("120111101", "津门湖街道"))

    def test_a_school_finds_what_it_joins_marked_in_its_list(self, world, guest):
        letter = world.submit(joint_schools=[guest.role_grants.get().school])

        page = browser_of(guest).get(reverse("dispatch:letters")).content.decode()

        assert letter.number in page
        assert "your school joins" in page

    def test_the_host_reads_no_mark(self, world, guest):
        world.submit(joint_schools=[guest.role_grants.get().school])

        page = browser_of(world.clerk).get(reverse("dispatch:letters")).content.decode()

        assert "your school joins" not in page

    def test_a_third_school_does_not_find_it(self, world):
        letter = world.submit()
        stranger = factories.make_clerk(factories.make_school("120111006", "王稳庄镇"))

        page = browser_of(stranger).get(reverse("dispatch:letters")).content.decode()

        assert letter.number not in page

    def test_the_own_school_is_not_offered_among_those_that_join(self, world, guest):
        form = browser_of(world.clerk).get(reverse("dispatch:write_letter")).context["form"]

        assert [str(school) for school in form.fields["joint_schools"].queryset] == [
            str(guest.role_grants.get().school)
        ]
