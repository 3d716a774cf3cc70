"""What a school is told before the desk has its letter, and what it changes when the desk asks."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AuditEntry
from backstage.models import Message
from backstage.notices import describe_message
from config.lib.periods import local_date
from courses.enums import Format, Preset
from dispatch.actions.desk import ask_school
from dispatch.actions.letters import (
    Wished,
    answer_inquiry,
    change_letter,
    copy_letter,
    submit_letter,
)
from dispatch.enums import LetterStage
from dispatch.errors import BookingError
from dispatch.models import BookingLetter
from tests import factories
from tests.browsers import browser_of
from tests.dispatch.world import LATER, WISHED, WRITTEN, BookingWorld
from tests.factories import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def ask(world: BookingWorld, letter: BookingLetter) -> BookingLetter:
    ask_school(letter_id=letter.pk, question="会议室能坐下吗？", by=acting(world.officer), at=LATER)
    return letter


def answer(world: BookingWorld, letter: BookingLetter, **changes: object) -> BookingLetter:
    answer_inquiry(
        letter_id=letter.pk,
        answer="改为五十人。",
        content=world.content(**changes),
        by=acting(world.clerk),
        at=LATER,
    )
    letter.refresh_from_db()
    return letter


class TestBeforeTheDesk:
    def test_more_people_than_the_venue_holds_are_refused_at_the_field(self, world):
        with pytest.raises(BookingError, match="二楼会议室 holds 120 people; 900") as caught:
            world.write(headcount=900)

        assert caught.value.field == "headcount"
        assert not BookingLetter.objects.exists()

    def test_as_many_as_it_holds_are_written(self, world):
        assert world.write(headcount=120).headcount == 120

    def test_a_draft_is_not_changed_to_more_either(self, world):
        letter = world.write()

        with pytest.raises(BookingError, match="holds 120"):
            change_letter(
                letter_id=letter.pk,
                content=world.content(headcount=121),
                by=acting(world.clerk),
                at=WRITTEN,
            )

    def test_a_venue_that_shrank_is_noticed_when_the_letter_is_sent(self, world):
        letter = world.write(headcount=100)
        world.venue.capacity = 60
        world.venue.save()

        with pytest.raises(BookingError, match="holds 60 people; 100 are expected"):
            submit_letter(letter_id=letter.pk, by=acting(world.clerk), at=WRITTEN)

    def test_a_letter_that_does_not_fit_any_more_is_copied_all_the_same(self, world):
        letter = world.write(headcount=100)
        world.venue.capacity = 60
        world.venue.save()

        made = copy_letter(letter_id=letter.pk, by=acting(world.clerk), at=WRITTEN)

        assert made.headcount == 100

    def test_warnings_do_not_refuse_it_and_stand_in_its_step(self, world):
        world.course.format = Format.MICRO_LECTURE
        world.course.audiences = ["secretaries"]
        world.course.save()

        letter = world.submit(
            preset=Preset.INTENSIVE, dates=[Wished(local_date(WRITTEN) + timedelta(days=2))]
        )

        said = " ".join(letter.steps.get().warnings)
        assert "2 days before the earliest wished day, of at least 14" in said
        assert "“课程T-01” is meant for" in said
        assert "“课程T-01” is taught as: micro-lecture" in said

    def test_a_letter_without_any_warning_keeps_none(self, world):
        world.course.format = Format.PACK
        world.course.save()

        letter = world.submit()

        assert not [text for text in letter.steps.get().warnings if "mix" not in text]


class TestAnswering:
    def test_what_changes_is_kept_field_by_field(self, world):
        letter = ask(world, world.submit())

        answer(world, letter, headcount=50, dates=[Wished(WISHED + timedelta(days=7))])

        step = letter.steps.last()
        assert letter.stage == LetterStage.ANSWERED
        assert letter.headcount == 50
        assert step.changes == [
            {"field": "headcount", "before": 40, "after": 50},
            {
                "field": "dates",
                "before": [["2026-06-02", ""]],
                "after": [["2026-06-09", ""]],
            },
        ]
        assert AuditEntry.objects.get(act="answer_inquiry").after["headcount"] == 50

    def test_the_desk_reads_the_difference_on_the_letter_and_in_its_message(self, world):
        letter = answer(world, ask(world, world.submit()), headcount=50, note="自带投影")

        page = browser_of(world.officer).get(reverse("dispatch:letter", args=[letter.pk]))
        message = Message.objects.filter(recipient=world.officer).latest("pk")
        changed = "People expected: 40 → 50"
        assert changed in page.content.decode()
        assert "Note: – → 自带投影" in page.content.decode()
        assert changed in describe_message(message).text

    def test_words_alone_change_nothing(self, world):
        letter = ask(world, world.submit())

        answer_inquiry(letter_id=letter.pk, answer="坐得下。", by=acting(world.clerk), at=LATER)

        assert letter.steps.last().changes == []

    def test_what_the_desk_could_not_override_is_refused(self, world):
        letter = ask(world, world.submit())

        with pytest.raises(BookingError, match="holds 120") as caught:
            answer(world, letter, headcount=900)

        letter.refresh_from_db()
        assert caught.value.field == "headcount"
        assert (letter.headcount, letter.stage) == (40, LetterStage.INQUIRY)

    def test_a_letter_keeps_a_date_and_a_course(self, world):
        letter = ask(world, world.submit())

        with pytest.raises(BookingError, match="at least one date"):
            answer(world, letter, dates=[])
        with pytest.raises(BookingError, match="Choose a course"):
            answer(world, letter, items=[])

    def test_only_while_the_district_asks(self, world):
        letter = world.submit()

        with pytest.raises(BookingError, match="“submitted” by now"):
            answer(world, letter, headcount=50)

    def test_another_school_does_not(self, world):
        letter = ask(world, world.submit())
        stranger = factories.make_clerk(factories.make_school("120111101", "津门湖街道"))

        with pytest.raises(PermissionDenied):
            answer_inquiry(
                letter_id=letter.pk,
                answer="改。",
                content=world.content(headcount=50),
                by=acting(stranger),
                at=LATER,
            )


class TestPages:
    """Pages act at the moment of the test, so the letter is of today."""

    @pytest.fixture
    def letter(self, world) -> BookingLetter:
        now = timezone.now()
        soon = local_date(now) + timedelta(days=3)
        return world.write(at=now, dates=[Wished(soon)])

    def fields(self, world, letter, **changes) -> dict[str, object]:
        return {
            "idempotency_key": uuid4(),
            "school": world.school.pk,
            "title": letter.title,
            "preset": "pack",
            "audience": "ordinary",
            "headcount": 40,
            "course_1": world.course.pk,
            "mode": "on_site",
            "venue": world.venue.pk,
            "day_1": letter.dates.get().day.isoformat(),
            "reason": "改好了。",
        } | changes

    def test_page_and_check_page_name_the_warnings_before_it_is_sent(self, world, letter):
        clerk = browser_of(world.clerk)
        address = reverse("dispatch:submit_letter", args=[letter.pk])
        late = "3 days before the earliest wished day, of at least 14"

        assert late in clerk.get(reverse("dispatch:letter", args=[letter.pk])).content.decode()
        checked = clerk.post(address, {"idempotency_key": uuid4()}).content.decode()

        assert late in checked
        letter.refresh_from_db()
        assert letter.stage == LetterStage.DRAFT

    def test_the_form_answers_with_what_changed_after_its_check_page(self, world, letter):
        submit_letter(letter_id=letter.pk, by=acting(world.clerk), at=timezone.now())
        ask_school(
            letter_id=letter.pk,
            question="坐得下吗？",
            by=acting(world.officer),
            at=timezone.now(),
        )
        clerk = browser_of(world.clerk)
        address = reverse("dispatch:change_letter", args=[letter.pk])
        assert "坐得下吗？" in clerk.get(address).content.decode()

        checked = clerk.post(address, self.fields(world, letter, headcount=60)).content.decode()
        clerk.post(address, self.fields(world, letter, headcount=60, step="do"))

        assert "People expected: 40 → 60" in checked
        letter.refresh_from_db()
        assert (letter.headcount, letter.stage) == (60, LetterStage.ANSWERED)

    def test_the_form_shows_a_block_at_its_field(self, world, letter):
        now = timezone.now()
        submit_letter(letter_id=letter.pk, by=acting(world.clerk), at=now)
        ask_school(letter_id=letter.pk, question="几人？", by=acting(world.officer), at=now)

        reply = browser_of(world.clerk).post(
            reverse("dispatch:change_letter", args=[letter.pk]),
            self.fields(world, letter, headcount=900),
        )

        assert reply.status_code == 422
        assert reply.context["form"].errors.keys() == {"headcount"}

    def test_the_page_of_the_answer_shows_the_question(self, world):
        letter = ask(world, world.submit())

        page = browser_of(world.clerk).get(reverse("dispatch:answer_inquiry", args=[letter.pk]))

        assert "会议室能坐下吗？" in page.content.decode()
