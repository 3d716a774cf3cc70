"""What a school does with its letters."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from accounts.models import AuditEntry, User
from config.lib.periods import period
from courses.enums import Preset, Strand
from courses.models import Module, PresetSession, TrainingClass
from dispatch.actions.desk import ask_school, hand_over_letter, take_letter
from dispatch.actions.following import note_taught_letters
from dispatch.actions.letters import (
    Item,
    Wished,
    answer_inquiry,
    cancel_letter,
    change_letter,
    confirm_letter,
    copy_letter,
    evaluate_letter,
    submit_letter,
)
from dispatch.actions.proposals import decline_engagement
from dispatch.enums import EngagementState, LetterStage
from dispatch.errors import BookingError
from dispatch.models import BookingLetter, Engagement
from dispatch.queries.letters import get_letter_page, list_acts
from rolls.actions.attendance import submit_roll
from tests import factories
from tests.dispatch.world import LATER, PORTAL, WISHED, WRITTEN, BookingWorld
from tests.factories import acting, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


class TestWishedDays:
    """School, venue and courses are in force on every day on which the class would meet."""

    @pytest.fixture(autouse=True)
    def _english(self):
        with translation.override("en"):
            yield

    UNTIL = period(date(2019, 1, 1), WISHED)

    def close(self, row, days=UNTIL):
        row.period = days
        row.save()

    def test_a_day_after_the_venue_closes_says_day_and_reason(self, world):
        self.close(world.venue)

        with pytest.raises(BookingError, match="二楼会议室 is not open on Tue 2 Jun") as caught:
            world.write(dates=[Wished(WISHED - timedelta(days=1)), Wished(WISHED, field="day_2")])

        assert caught.value.field == "day_2"

    def test_a_day_after_the_course_is_retired(self, world):
        self.close(world.course)

        with pytest.raises(BookingError, match="not offered on Tue 2 Jun") as caught:
            world.write()

        assert caught.value.field == "day_1"

    def test_a_day_after_the_school_is_gone(self, world):
        self.close(world.school)

        with pytest.raises(BookingError, match="does not exist on Tue 2 Jun"):
            world.write()

    def test_the_day_before_suits(self, world):
        for row in (world.venue, world.course, world.school):
            self.close(row)

        assert world.write(dates=[Wished(WISHED - timedelta(days=1))]).dates.count() == 1

    def test_of_a_class_of_three_days_the_last_one_counts_too(self, world):
        self.close(world.venue, period(date(2019, 1, 1), WISHED + timedelta(days=2)))

        with pytest.raises(BookingError, match="not open on Thu 4 Jun"):
            world.write(preset=Preset.INTENSIVE)

    def test_a_course_counts_on_its_own_days_and_a_wish_on_none(self, world):
        last = world.make_course("T-02", Strand.THEORY)
        self.close(last, period(WISHED + timedelta(days=1), date(2027, 1, 1)))
        wish = Item(
            wish="一堂调解课", module=Module.objects.get(code="governance"), strand=Strand.PRACTICE
        )
        first = [Item(course=world.course), wish, Item(course=last)]

        # Six half days: the third is on the second day, and again the sixth on the third.
        assert world.write(preset=Preset.INTENSIVE, items=first).items.count() == 3
        with pytest.raises(BookingError, match="课程T-02” is not offered on Tue 2 Jun"):
            world.write(preset=Preset.INTENSIVE, items=first[::-1])

    def test_what_closed_since_the_draft_is_said_when_it_is_sent(self, world):
        letter = world.write()
        self.close(world.venue)

        with pytest.raises(BookingError, match="not open on Tue 2 Jun") as caught:
            submit_letter(letter_id=letter.pk, by=acting(world.clerk), at=WRITTEN)

        assert caught.value.field == "day_1"

    def test_a_copy_leaves_out_days_that_do_not_suit_any_more(self, world):
        before = WISHED - timedelta(days=1)
        letter = world.write(dates=[Wished(before), Wished(WISHED)])
        self.close(world.venue)

        made = copy_letter(letter_id=letter.pk, by=acting(world.clerk), at=WRITTEN)

        assert [wished.day for wished in made.dates.all()] == [before]


class TestJointClass:
    def test_agreeing_plans_the_class_for_all_its_schools(self, world):
        other = factories.make_school("120111005", "津门湖街道")
        engagement = world.propose(world.submit(joint_schools=[other]))
        world.accept(engagement)

        letter = confirm_letter(letter_id=engagement.letter_id, by=acting(world.clerk), at=LATER)

        joining = letter.training_class.joining_schools.all()
        assert [row.school for row in joining] == [other]

    def test_a_school_that_is_gone_by_then_does_not_join(self, world):
        other = factories.make_school("120111005", "津门湖街道")
        engagement = world.propose(world.submit(joint_schools=[other]))
        world.accept(engagement)
        other.period = period(other.period.lower, WISHED)
        other.save()

        letter = confirm_letter(letter_id=engagement.letter_id, by=acting(world.clerk), at=LATER)

        assert not letter.training_class.joining_schools.exists()


class TestWriting:
    def test_a_draft_has_a_number_of_its_school_and_year(self, world):
        first, second = world.write(), world.write()

        assert (first.number, second.number) == (
            "120111102-Y2026-001",
            "120111102-Y2026-002",
        )
        assert first.stage == LetterStage.DRAFT
        assert AuditEntry.objects.filter(act="write_letter", actor=world.clerk).count() == 2

    def test_a_draft_is_its_schools_also_where_the_clerk_serves_the_district(self, world):
        letter, on = world.write(), WRITTEN.date()
        factories.grant(world.clerk, "district_school")

        assert letter in BookingLetter.objects.visible_to(world.clerk, on)
        assert letter not in BookingLetter.objects.visible_to(world.officer, on)

    def test_a_number_follows_the_highest(self, world):
        world.write()
        BookingLetter.objects.update(number="120111102-Y2026-1004")

        assert world.write().number == "120111102-Y2026-1005"

    def test_is_for_the_own_school(self, world):
        world.clerk = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))

        with pytest.raises(PermissionDenied):
            world.write()

    def test_has_as_many_courses_as_sessions(self, world):
        items = [Item(course=world.course), Item(course=world.course, field="course_2")]

        with translation.override("en"), pytest.raises(BookingError, match="one session") as error:
            world.write(preset=Preset.MICRO_LECTURE, items=items)

        assert error.value.field == "course_2"

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"venue": None}, "venue"),
            ({"place": "广场"}, "place"),
            ({"dates": [Wished(WRITTEN.date(), field="day_1")]}, "day_1"),
            ({"dates": [Wished(WISHED), Wished(WISHED, field="day_2")]}, "day_2"),
        ],
    )
    def test_what_does_not_fit_is_said_at_its_field(self, world, changes, field):
        with pytest.raises(BookingError) as refused:
            world.write(**changes)

        assert refused.value.field == field
        assert not BookingLetter.objects.exists()

    def test_a_wish_names_module_and_strand(self, world):
        wish = Item(
            wish="社区调解的实践课",
            module=Module.objects.get(code="governance"),
            strand=Strand.PRACTICE,
        )
        letter = world.write(items=[wish])

        assert letter.items.get().wish == "社区调解的实践课"

    def test_a_draft_is_changed_and_a_submitted_letter_is_not(self, world):
        letter = world.write()
        change_letter(
            letter_id=letter.pk,
            content=world.content(headcount=60),
            by=acting(world.clerk),
            at=WRITTEN,
        )
        letter.refresh_from_db()
        assert letter.headcount == 60

        submit_letter(letter_id=letter.pk, by=acting(world.clerk), at=WRITTEN)
        with pytest.raises(BookingError):
            change_letter(
                letter_id=letter.pk, content=world.content(), by=acting(world.clerk), at=WRITTEN
            )

    def test_a_copy_is_a_new_draft_with_the_dates_that_lie_ahead(self, world):
        letter = world.submit(dates=[Wished(date(2026, 5, 20)), Wished(WISHED)])

        made = copy_letter(
            letter_id=letter.pk, by=acting(world.clerk), at=WRITTEN + timedelta(days=20)
        )

        assert made.stage == LetterStage.DRAFT
        assert [wished.day for wished in made.dates.all()] == [WISHED]
        assert made.items.get().course == world.course


class TestSubmitting:
    def test_needs_something_to_teach_and_a_day(self, world):
        for changes in ({"items": []}, {"dates": []}):
            letter = world.write(**changes)
            with pytest.raises(BookingError):
                submit_letter(letter_id=letter.pk, by=acting(world.clerk), at=WRITTEN)

    def test_the_district_sees_it_from_then_on(self, world):
        letter = world.write()
        on = WRITTEN.date()
        seen = BookingLetter.objects.visible_to(world.officer, on)
        assert letter not in seen

        submit_letter(letter_id=letter.pk, by=acting(world.clerk), at=WRITTEN)

        assert letter in seen.all()


class TestAsking:
    def test_a_question_is_answered(self, world):
        letter = world.submit()
        ask_school(
            letter_id=letter.pk, question="能否改到下午？", by=acting(world.officer), at=LATER
        )
        answer_inquiry(letter_id=letter.pk, answer="可以。", by=acting(world.clerk), at=LATER)

        letter.refresh_from_db()
        assert letter.stage == LetterStage.ANSWERED
        assert [step.word for step in letter.steps.all()] == ["", "能否改到下午？", "可以。"]

    def test_says_something(self, world):
        letter = world.submit()

        with pytest.raises(BookingError):
            ask_school(letter_id=letter.pk, question=" ", by=acting(world.officer), at=LATER)


class TestAgreeing:
    def test_plans_the_class_with_its_sessions(self, world):
        letter = world.confirm()

        made = TrainingClass.objects.get()
        session = made.sessions.get()
        assert letter.training_class == made
        assert (session.course, session.instructor, session.venue) == (
            world.course,
            world.lecturer,
            world.venue,
        )
        assert session.held_on == WISHED
        assert letter.engagements.get().session == session

    def test_waits_for_every_lecturer(self, world):
        engagement = world.propose()

        with pytest.raises(BookingError):
            confirm_letter(letter_id=engagement.letter_id, by=acting(world.clerk), at=LATER)

        assert not TrainingClass.objects.exists()

    def test_waits_for_a_session_whose_lecturer_declined(self, world):
        letter = world.submit(preset=Preset.EVENING)
        world.schedule(letter)
        other = world.make_lecturer("钱芳")
        first, second = world.engage(letter), world.engage(letter, other, number=2)
        world.release()
        world.accept(first)
        decline_engagement(engagement_id=second.pk, reason="外出", by=acting(other.user), at=LATER)

        with pytest.raises(BookingError):
            confirm_letter(letter_id=letter.pk, by=acting(world.clerk), at=LATER)

        assert not TrainingClass.objects.exists()

    def test_waits_for_a_new_schedule_where_the_format_has_changed(self, world):
        engagement = world.propose()
        world.accept(engagement)
        row = PresetSession.objects.get(preset=Preset.PACK)
        PresetSession.objects.create(
            preset=Preset.PACK, number=2, day=2, starts=row.starts, minutes=210, hours=4
        )

        with pytest.raises(BookingError, match="形式"):
            confirm_letter(letter_id=engagement.letter_id, by=acting(world.clerk), at=LATER)

    def test_is_not_of_the_desk(self, world):
        engagement = world.propose()
        world.accept(engagement)

        with pytest.raises(PermissionDenied):
            confirm_letter(letter_id=engagement.letter_id, by=acting(world.officer), at=LATER)

    @pytest.mark.parametrize("side", ["officer", "lecturer"])
    def test_nobody_confirms_for_both_sides(self, world, side):
        engagement = world.propose()
        world.accept(engagement)
        user = world.officer if side == "officer" else world.lecturer.user
        factories.grant(user, "school_clerk", world.school)

        with pytest.raises(BookingError):
            confirm_letter(letter_id=engagement.letter_id, by=acting(user), at=LATER)

    @pytest.mark.parametrize(
        "deed", ["take", "ask", "schedule", "engage", "release", "none of these"]
    )
    def test_one_deed_for_the_district_is_enough(self, world, deed):
        letter = world.submit()
        both, colleague = make_user(), world.officer
        factories.grant(both, "district_school")
        factories.grant(both, "school_clerk", world.school)

        def officer(name: str) -> User:
            return both if name == deed else colleague

        taker = officer("take")
        take_letter(letter_id=letter.pk, by=acting(taker), at=LATER)
        if taker == both:
            given = {"to_id": colleague.pk, "seen_owner": str(both.pk)}
            hand_over_letter(letter_id=letter.pk, **given, by=acting(colleague), at=LATER)
        ask_school(letter_id=letter.pk, question="何时？", by=acting(officer("ask")), at=LATER)
        world.officer = officer("schedule")
        world.schedule(letter)
        world.officer = officer("engage")
        engagement = world.engage(letter)
        world.officer = officer("release")
        world.release()
        world.accept(engagement)
        letter.refresh_from_db()

        offered = list_acts(get_letter_page(letter), both, WISHED).confirm

        assert offered is (deed == "none of these")
        if offered:
            confirm_letter(letter_id=letter.pk, by=acting(both), at=LATER)
        else:
            with pytest.raises(BookingError):
                confirm_letter(letter_id=letter.pk, by=acting(both), at=LATER)

    def test_a_venue_that_was_taken_meanwhile_is_said(self, world):
        engagement = world.propose()
        world.accept(engagement)
        Engagement.objects.update(venue=None)
        other = factories.make_class(world.school)
        factories.make_session(other, starts_at=engagement.starts_at, venue=world.venue)

        with pytest.raises(BookingError, match="场所"):
            confirm_letter(letter_id=engagement.letter_id, by=acting(world.clerk), at=LATER)


class TestCancelling:
    def test_frees_the_lecturer(self, world):
        engagement = world.propose()

        cancel_letter(
            letter_id=engagement.letter_id, reason="防汛", by=acting(world.clerk), at=LATER
        )

        engagement.refresh_from_db()
        assert (engagement.state, engagement.reason) == (EngagementState.WITHDRAWN, "防汛")

    def test_calls_the_class_off(self, world):
        letter = world.confirm()

        cancel_letter(letter_id=letter.pk, reason="防汛", by=acting(world.clerk), at=LATER)

        session = letter.training_class.sessions.get()
        assert session.called_off_because == "防汛"
        letter.refresh_from_db()
        assert letter.stage == LetterStage.CANCELLED


class TestEvaluating:
    def test_follows_the_class(self, world):
        letter = world.confirm()
        session = letter.training_class.sessions.get()
        member = factories.make_member(factories.make_organisation(world.school))
        factories.enrol(letter.training_class, member)
        marks = {member.pk: "present"}
        late = session.ends_at + timedelta(hours=2)
        assert note_taught_letters(by=PORTAL, at=late) == 0

        submit_roll(session_id=session.pk, marks=marks, seen={}, by=acting(world.clerk), at=late)
        assert note_taught_letters(by=PORTAL, at=late) == 1
        evaluate_letter(
            letter_id=letter.pk, rating=5, word="很实在", by=acting(world.clerk), at=late
        )

        letter.refresh_from_db()
        assert letter.stage == LetterStage.EVALUATED
        assert letter.steps.last().rating == 5

    def test_is_not_of_a_class_to_come(self, world):
        letter = world.confirm()

        with pytest.raises(BookingError):
            evaluate_letter(
                letter_id=letter.pk, rating=5, word="", by=acting(world.clerk), at=LATER
            )


def test_a_person_without_a_role_books_nothing(world):
    world.clerk = make_user()

    with pytest.raises(PermissionDenied):
        world.write()
