"""Six sessions are one act: chosen together, answered together or singly."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.lib.periods import at_local, local_date
from dispatch.enums import EngagementState, LetterStage
from dispatch.links import token_of
from dispatch.models import BookingLetter, Engagement
from instructors.models import Instructor
from tests import factories
from tests.browsers import browser_of
from tests.dispatch.world import BookingWorld

pytestmark = pytest.mark.django_db

MINE = reverse("dispatch:my_engagements")


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


@pytest.fixture
def letter(world) -> BookingLetter:
    return factories.make_booking_letter(world.school, stage=LetterStage.SCHEDULED)


def fill(letter: BookingLetter, lecturer: Instructor | None, state: str) -> list[Engagement]:
    """Three sessions of a letter, some weeks after today: pages act at the moment of the test."""
    first = local_date(timezone.now()) + timedelta(days=40)
    return [
        factories.make_engagement(
            letter,
            lecturer,
            number=number,
            state=state,
            starts_at=at_local(first + timedelta(days=number), 9),
        )
        for number in (1, 2, 3)
    ]


def states(letter: BookingLetter) -> list[str]:
    return [row.state for row in letter.engagements.order_by("number")]


class TestChoosing:
    def test_one_lecturer_for_all_sessions(self, world, letter):
        fill(letter, None, EngagementState.DRAFT)
        address = reverse("dispatch:engage_for_letter", args=[letter.pk])
        desk = browser_of(world.officer)
        page = desk.get(address)
        form = page.context["form"]
        assert form["numbers"].value() == [1, 2, 3]
        assert world.lecturer in {one.instructor for one in page.context["best"]}

        sent = {"numbers": [1, 2, 3], "instructor": world.lecturer.pk, "reason": "x"}
        sent |= {"seen": form["seen"].value(), "idempotency_key": uuid4()}
        reply = desk.post(address, sent)

        assert reply.url == reverse("dispatch:letter", args=[letter.pk])
        assert {row.instructor for row in letter.engagements.all()} == {world.lecturer}

    def test_is_offered_on_the_page_of_a_letter_with_several_sessions(self, world, letter):
        address = reverse("dispatch:engage_for_letter", args=[letter.pk])
        page = reverse("dispatch:letter", args=[letter.pk])
        desk = browser_of(world.officer)
        assert address not in desk.get(page).content.decode()

        fill(letter, None, EngagementState.DRAFT)

        assert address in desk.get(page).content.decode()

    def test_without_a_session_is_an_error(self, world, letter):
        fill(letter, None, EngagementState.DRAFT)
        address = reverse("dispatch:engage_for_letter", args=[letter.pk])

        reply = browser_of(world.officer).post(
            address, {"instructor": world.lecturer.pk, "idempotency_key": uuid4()}
        )

        assert reply.status_code == 422
        assert reply.context["form"].errors.keys() == {"numbers"}


class TestAnswering:
    def send(self, browser: Client, letter: BookingLetter, **data: object):
        sent = {"idempotency_key": uuid4(), "step": "do", **data}
        return browser.post(reverse("dispatch:answer_proposals", args=[letter.pk]), sent)

    def test_all_proposals_of_a_letter_stand_together_and_are_accepted_together(
        self, world, letter
    ):
        rows = fill(letter, world.lecturer, EngagementState.PROPOSED)
        lecturer = browser_of(world.lecturer.user)
        page = lecturer.get(MINE)
        assert [len(group) for group in page.context["waiting"]] == [3]
        address = reverse("dispatch:answer_proposals", args=[letter.pk])
        assert address in page.content.decode()

        form = lecturer.get(address).context["form"]
        assert form["sessions"].value() == [row.pk for row in rows]
        self.send(lecturer, letter, sessions=[row.pk for row in rows], answer="accept")

        assert states(letter) == [EngagementState.ACCEPTED] * 3

    def test_some_are_declined_and_the_others_wait(self, world, letter):
        rows = fill(letter, world.lecturer, EngagementState.PROPOSED)
        lecturer = browser_of(world.lecturer.user)

        self.send(lecturer, letter, sessions=[rows[1].pk], answer="decline", reason="出差")

        assert states(letter) == ["proposed", "declined", "proposed"]

    def test_a_second_click_is_led_on(self, world, letter):
        rows = fill(letter, world.lecturer, EngagementState.PROPOSED)
        lecturer, key = browser_of(world.lecturer.user), uuid4()
        sent = {"sessions": [row.pk for row in rows], "answer": "accept", "idempotency_key": key}

        replies = [self.send(lecturer, letter, **sent) for _click in range(2)]

        assert [reply.url for reply in replies] == [MINE, MINE]

    def test_a_letter_of_others_is_not_found(self, world, letter):
        fill(letter, world.lecturer, EngagementState.PROPOSED)
        other = world.make_lecturer("孙立")

        address = reverse("dispatch:answer_proposals", args=[letter.pk])

        assert browser_of(other.user).get(address).status_code == 404

    @pytest.mark.parametrize("chosen", [[0, 1, 2], [2]])
    def test_by_one_link_without_an_account(self, world, letter, chosen):
        lecturer = factories.make_lecturer(world.school)
        factories.make_letter(lecturer)
        rows = fill(letter, lecturer, EngagementState.PROPOSED)
        address = reverse("dispatch:proposal", args=[token_of(rows[0])])
        sent = {"sessions": [rows[place].pk for place in chosen], "answer": "accept"}

        assert Client().post(address, sent).status_code == 302

        accepted = [place for place, state in enumerate(states(letter)) if state == "accepted"]
        assert accepted == chosen

    def test_a_link_answers_nobody_elses_proposals(self, world, letter):
        lecturer, other = factories.make_lecturer(world.school), world.lecturer
        factories.make_letter(lecturer)
        rows = fill(letter, lecturer, EngagementState.PROPOSED)
        Engagement.objects.filter(pk=rows[2].pk).update(instructor=other)
        address = reverse("dispatch:proposal", args=[token_of(rows[0])])

        Client().post(address, {"sessions": [row.pk for row in rows], "answer": "accept"})

        assert states(letter) == ["accepted", "accepted", "proposed"]
