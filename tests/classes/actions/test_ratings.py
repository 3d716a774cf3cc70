"""A class is rated once by each who attended it, and nobody can tell which answer is whose."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.models import AuditEntry
from backstage.models import IdempotencyKey
from classes.actions.ratings import Rating, rate_class
from classes.errors import RatingError
from classes.models import RatingAnswer, RatingGiven, RatingRound, RatingRule
from classes.queries.ratings import get_class_rating, list_to_rate
from config.lib.periods import at_local, period
from courses.models import TrainingClass
from rolls.actions.attendance import submit_roll
from tests import factories
from tests.connections import together
from tests.factories import DAY, NOON, ClassWorld
from trainees.models import MemberMerge

pytestmark = pytest.mark.django_db
GOOD = Rating(5, 4, 5, 4)
LAST = DAY + timedelta(days=14)
LATER = at_local(LAST + timedelta(days=1), 0)


class World(ClassWorld):
    """A class of which seven were there and one was not."""

    def __init__(self) -> None:
        super().__init__(size=8)
        for member in self.members:
            member.user = factories.make_user()
            member.save(update_fields=["user"])
        submit_roll(
            session_id=self.session.pk,
            marks=self.marks(*["present"] * 6, "late", "absent"),
            seen={},
            by=self.by,
            at=NOON,
        )

    def rate(self, n=0, rating=GOOD, at=NOON, user=None) -> None:
        rate_class(
            training_class_id=self.training_class.pk,
            rating=rating,
            by=factories.acting(user or self.members[n].user),
            at=at,
        )

    def class_rating(self, at=LATER):
        return get_class_rating(self.training_class, at)


@pytest.fixture
def world():
    return World()


class TestWhoRates:
    def test_each_who_was_there_once(self, world):
        world.rate(0)
        world.rate(6)  # came late

        with pytest.raises(RatingError):
            world.rate(0)

        assert RatingAnswer.objects.count() == RatingGiven.objects.count() == 2

    def test_nobody_who_was_not_there(self, world):
        with pytest.raises(TrainingClass.DoesNotExist):
            world.rate(7)

    def test_nobody_but_members(self, world):
        with pytest.raises(PermissionDenied):
            world.rate(user=world.clerk)

    def test_one_person_with_two_rows_once(self, world):
        kept, given_up = world.members[0], world.members[1]
        world.rate(1)
        MemberMerge.objects.create(
            kept=kept, given_up=given_up, reason="x", proposed_at=NOON, proposed_by=world.clerk
        )
        type(given_up).objects.filter(pk=given_up.pk).update(merged_into=kept, merged_year=2026)

        with pytest.raises(RatingError):
            world.rate(0)


class TestWhen:
    def test_from_the_end_of_the_last_session_on(self, world):
        factories.make_session(world.training_class, starts_at=at_local(date(2026, 5, 21), 9))
        assert not list_to_rate(world.members[0], NOON)
        with pytest.raises(TrainingClass.DoesNotExist):
            world.rate(0)

        world.rate(0, at=at_local(date(2026, 5, 21), 12))

    def test_for_as_many_days_as_the_rule_of_that_day_gives(self, world):
        (window,) = list_to_rate(world.members[0], at_local(LAST, 23))
        assert window.last_day == LAST
        world.rate(0, at=at_local(LAST, 23))

        assert not list_to_rate(world.members[1], LATER)
        with pytest.raises(TrainingClass.DoesNotExist):
            world.rate(1, at=LATER)

    def test_is_fixed_by_the_first_answer(self, world):
        world.rate(0)
        RatingRule.objects.update(days=30, least=9)
        factories.make_session(world.training_class, starts_at=at_local(LAST, 9))

        with pytest.raises(TrainingClass.DoesNotExist):
            world.rate(1, at=LATER)
        fixed = RatingRound.objects.get()
        assert (fixed.last_day, fixed.least) == (LAST, 5)

    def test_not_at_all_without_a_rule(self, world):
        RatingRule.objects.update(period=period(date(2019, 1, 1), date(2020, 1, 1)))

        assert not list_to_rate(world.members[0], NOON)
        assert world.class_rating() is None

    def test_is_asked_for_until_it_is_done(self, world):
        assert list_to_rate(world.members[0], NOON)
        world.rate(0)
        assert not list_to_rate(world.members[0], NOON)


class TestFigures:
    def test_appear_from_five_answers_on(self, world):
        for n in range(4):
            world.rate(n, Rating(1, 1, 1, 1, "意见"))
        rating = world.class_rating()
        assert not rating.figures
        assert not rating.remarks
        assert rating.answers == 0

    def test_are_mean_and_distribution(self, world):
        for n, score in enumerate([5, 5, 4, 3, 2]):
            world.rate(n, Rating(score, 5, 5, 5, f"意见{score}"))

        rating = world.class_rating()

        assert rating.answers == 5
        assert str(rating.figures[0].mean) == "3.8"
        assert rating.figures[0].counts == [(5, 2), (4, 1), (3, 1), (2, 1), (1, 0)]
        assert sorted(rating.remarks) == ["意见2", "意见3", "意见4", "意见5", "意见5"]

    def test_appear_after_the_last_day_so_that_no_two_views_differ_by_an_answer(self, world):
        for n in range(6):
            world.rate(n)
            rating = world.class_rating(NOON)
            assert rating.is_open
            assert not rating.figures
            assert rating.answers == 0
        assert world.class_rating(at_local(LAST, 23)).is_open

        assert world.class_rating().answers == 6
        with pytest.raises(TrainingClass.DoesNotExist):
            world.rate(6, at=LATER)


class TestNobodyCanTell:
    def test_an_answer_holds_no_person_no_time_and_no_number_in_order(self):
        names = {field.name for field in RatingAnswer._meta.concrete_fields}

        assert names == {
            "id",
            "training_class",
            "content",
            "teaching",
            "usefulness",
            "organisation",
            "text",
        }
        assert RatingAnswer._meta.pk.get_internal_type() == "UUIDField"

    def test_all_answers_carry_the_transaction_of_the_last(self, world):
        for n in range(5):
            world.rate(n, Rating(n + 1, 1, 1, 1))
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), count(DISTINCT xmin::text) FROM classes_ratinganswer")
            assert cursor.fetchone() == (5, 1)

    def test_their_order_and_keys_change_with_each(self, world):
        keys = set()
        last = []
        for n in range(7):
            world.rate(n, Rating(5, 5, 5, 5, str(n)))
            with connection.cursor() as cursor:
                cursor.execute("SELECT id, text FROM classes_ratinganswer ORDER BY ctid")
                rows = cursor.fetchall()
            assert not keys & {key for key, _text in rows}
            keys |= {key for key, _text in rows}
            last.append(rows[-1][1] == str(n))

        assert len(keys) == sum(range(8))
        assert not all(last[1:]), "whoever came last does not always lie last"

    def test_the_trail_tells_that_and_not_how(self, world):
        world.rate(0, Rating(1, 2, 3, 4, "空调太冷"))

        entry = AuditEntry.objects.get(act="rate_class")
        assert (entry.actor, entry.before, entry.after) == (world.members[0].user, None, None)
        assert entry.object_type == "courses.trainingclass"
        assert not IdempotencyKey.objects.filter(user=world.members[0].user).exists()


@pytest.mark.django_db(transaction=True)
def test_answers_at_once_are_all_kept_and_one_person_answers_once():
    world = World()

    def again():
        try:
            world.rate(0)
        except RatingError:
            return "refused"
        return "kept"

    results = together(again, again, lambda: world.rate(1), lambda: world.rate(2))

    assert sorted(results[:2]) == ["kept", "refused"]
    assert RatingAnswer.objects.count() == 3
