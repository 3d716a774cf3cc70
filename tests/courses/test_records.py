"""Changing the sessions of a class."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import AuditEntry
from accounts.records import RecordError
from config.lib.periods import at_local, period
from courses.models import Session, Venue
from courses.records import save_session, save_venue
from tests import factories
from tests.refusals import refused

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 1)
EVENING = at_local(DAY, 19)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


class TestTheOrderOfSessions:
    """Rosters go by the numbers of sessions, so these are in the order of time."""

    @pytest.fixture
    def sessions(self):
        training_class = factories.make_class(factories.make_school())
        return [
            factories.make_session(training_class, starts_at=at_local(DAY + timedelta(days=n), 9))
            for n in range(3)
        ]

    def move(self, session, by):
        session.starts_at += by
        session.ends_at += by
        return save_session(
            obj=session,
            by=factories.acting(factories.make_user()),
            at=at_local(DAY, 7),
            fields=["starts_at", "ends_at"],
        )

    def test_a_session_moves_between_its_neighbours(self, sessions):
        assert self.move(sessions[1], timedelta(hours=5))

    def test_none_is_moved_past_the_one_after_it(self, sessions):
        with refused(RecordError, "Session 3 begins at .*comes before it") as caught:
            self.move(sessions[1], timedelta(days=1, hours=5))

        assert caught.value.field == "ends_at"

    def test_nor_before_the_one_ahead_of_it(self, sessions):
        with refused(RecordError, "Session 1 is held until .*comes after it") as caught:
            self.move(sessions[1], timedelta(days=-1, hours=-5))

        assert caught.value.field == "starts_at"

    def test_nor_numbered_past_it(self, sessions):
        sessions[0].number = 4
        with refused(RecordError, "Session 3"):
            save_session(
                obj=sessions[0],
                by=factories.acting(factories.make_user()),
                at=at_local(DAY, 7),
                fields=["number"],
            )

    def test_one_that_was_called_off_is_in_nobodys_way(self, sessions):
        Session.objects.filter(pk=sessions[2].pk).update(
            called_off_at=sessions[0].starts_at,
            called_off_by=factories.make_user(),
            called_off_because="暴雪",
        )

        assert self.move(sessions[1], timedelta(days=1, hours=5))

    def test_one_stored_out_of_order_is_changed_in_all_else(self, sessions):
        """As classes were before the order was asked for."""
        first = sessions[0]
        later = timedelta(days=5)
        Session.objects.filter(pk=first.pk).update(
            starts_at=first.starts_at + later,
            ends_at=first.ends_at + later,
            held_on=first.held_on + later,
        )
        first = Session.objects.get(pk=first.pk)
        first.hours = Decimal(2)
        by, at = factories.acting(factories.make_user()), at_local(DAY, 7)

        assert save_session(obj=first, by=by, at=at, fields=["hours"])
        with refused(RecordError, "Session 2 begins at"):
            self.move(first, timedelta(minutes=5))


class TestTheHoursOfASession:
    """More than the presets give for its time want a reason, which the trail keeps."""

    @pytest.fixture
    def session(self):
        training_class = factories.make_class(factories.make_school())
        return factories.make_session(training_class, starts_at=at_local(DAY, 9))

    def change(self, session, hours, reason=""):
        session.hours, session.hours_reason = Decimal(hours), reason
        return save_session(
            obj=session,
            by=factories.acting(factories.make_user()),
            at=at_local(DAY, 7),
            fields=["hours", "hours_reason"],
        )

    def test_up_to_the_usual_hours_no_reason_is_asked_for(self, session):
        assert self.change(session, "3.75")

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_beyond_them_it_is_asked_for_at_its_field(self, session, reason):
        with refused(RecordError, "usually worth 4 credit hours.*worth 4.25") as caught:
            self.change(session, "4.25", reason)

        assert caught.value.field == "hours_reason"

    def test_with_a_reason_they_are_saved_and_the_trail_keeps_it(self, session):
        assert self.change(session, "4.25", "延长研讨")

        assert Session.objects.get().hours_reason == "延长研讨"
        assert AuditEntry.objects.latest("pk").after["hours_reason"] == "延长研讨"

    def test_the_reason_is_not_taken_away_from_them(self, session):
        self.change(session, "4.25", "延长研讨")

        with refused(RecordError):
            self.change(session, "4.25")

    def test_what_is_changed_beside_them_asks_for_nothing(self, session):
        Session.objects.update(hours=6)
        session = Session.objects.get()
        session.course = factories.make_session(session.training_class, starts_at=EVENING).course

        by = factories.acting(factories.make_user())
        save_session(obj=session, by=by, at=at_local(DAY, 7), fields=["course"])


class TestAVenue:
    @pytest.fixture
    def hall(self):
        school = factories.make_school()
        hall = Venue.objects.create(
            school=school, name="礼堂", capacity=40, period=period(date(2019, 1, 1))
        )
        factories.make_session(factories.make_class(school), venue=hall, starts_at=at_local(DAY, 9))
        return hall

    def asked_of_classes(self, hall, **values):
        """Whether anything was asked of the classes held there."""
        for name, value in values.items():
            setattr(hall, name, value)
        by = factories.acting(factories.make_user())
        with CaptureQueriesContext(connection) as caught:
            save_venue(obj=hall, equipment={}, by=by, at=at_local(DAY, 7), fields=list(values))
        return any('FROM "courses_trainingclass"' in query["sql"] for query in caught)

    def test_its_classes_are_asked_for_where_it_holds_more(self, hall):
        assert self.asked_of_classes(hall, capacity=60)

    def test_and_left_alone_where_it_is_only_called_otherwise(self, hall):
        assert not self.asked_of_classes(hall, name="二楼会议室")
