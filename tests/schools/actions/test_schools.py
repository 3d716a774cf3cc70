"""Schools come, go over into another, and change their officers on a day; the past stays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import at_local, period
from hours.models import CreditEntry
from hours.queries.ledger_check import list_findings
from hours.queries.members import MemberLines
from rolls.actions.attendance import submit_roll
from rolls.models import Attendance
from schools.actions.schools import (
    appoint_officer,
    merge_schools,
    open_school,
    write_guidance_note,
)
from schools.errors import BlockedError, SchoolsError
from schools.models import (
    GuidanceNote,
    School,
    SchoolArea,
    SchoolOfficer,
    SchoolSuccession,
    Township,
)
from tests import factories
from tests.evidence import clerk_of, hold, study
from tests.factories import START
from tests.refusals import refused
from trainees.models import Member
from years.queries.overview import list_figures

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
NOW = at_local(TODAY, 10)
D = date(2026, 10, 1)
BEFORE = D - timedelta(days=1)


@pytest.fixture(autouse=True)
def _english():
    """The words of a refusal, whatever the catalogue holds."""
    with translation.override("en"):
        yield


class Network:
    """The school of the south teaches the north as well; the third is a neighbour."""

    def __init__(self) -> None:
        self.officer = factories.make_user()
        factories.grant(self.officer, Role.ORGANISATION_DEPARTMENT)
        self.by = factories.acting(self.officer)
        self.south = factories.make_school("120111003", "赤龙南街道")
        self.neighbour = factories.make_school("120111005", "津门湖街道")
        self.north = Township.objects.create(code="120111004", name="赤龙北街道")
        SchoolArea.objects.create(school=self.south, township=self.north, period=period(START))
        top = factories.make_top()
        self.branches = [
            factories.place_organisation(
                factories.Organisation(
                    code=f"{township.code}001", name="党支部", kind="branch", period=period(START)
                ),
                top,
                township,
            )
            for township in (Township.objects.get(code="120111003"), self.north)
        ]
        self.members = [factories.make_member(branch) for branch in self.branches]
        training_class = factories.make_class(self.south)
        for day in (date(2025, 6, 12), date(2026, 3, 3)):
            hold(training_class, dict.fromkeys(self.members, "present"), on=day)
        for day in (date(2025, 9, 1), date(2026, 4, 1)):
            study(self.branches[1], self.members[1], on=day, school=self.south)

    def figures(self, year: int, on: date) -> list[Any]:
        schools = list(School.objects.in_year(year))
        lines = MemberLines(school_ids=[school.pk for school in schools], year=year, on=on)
        return [
            *list_figures(schools, year, at_local(on, 20)),
            *lines[0 : len(lines)],
            *CreditEntry.objects.order_by("pk").values_list("pk", "school", "organisation"),
        ]

    def open(self, on: date = D, code: str = "120111004", **fields: Any):
        given = {"name": "赤龙北街道党校", "township_ids": [self.north.pk]}
        return open_school(code=code, **given | fields, on=on, by=self.by, at=NOW)

    def merge(self, school: School, into: School, on: date = D):
        return merge_schools(school_id=school.pk, into_id=into.pk, on=on, by=self.by, at=NOW)


@pytest.fixture
def network() -> Network:
    return Network()


def schools_of(member: Member, on: date) -> list[str]:
    return [
        school.name
        for school in School.objects.all()
        if Member.objects.for_school(school, on).filter(pk=member.pk).exists()
    ]


class TestATwelfthSchool:
    def test_has_its_members_from_the_day_and_the_former_school_until_then(self, network):
        opened = network.open()
        member = network.members[1]

        assert schools_of(member, BEFORE) == ["赤龙南街道党校"]
        assert schools_of(member, D) == ["赤龙北街道党校"]
        assert schools_of(network.members[0], D) == ["赤龙南街道党校"]
        assert opened.organisation_ids == [network.branches[1].pk]

    def test_stays_in_the_history_of_both(self, network):
        opened = network.open()

        kept = SchoolSuccession.objects.get()
        assert (kept.former, kept.successor) == (network.south, opened.school)
        assert (kept.kind, kept.takes_effect_on) == ("split", D)

    @pytest.mark.parametrize("on", [D, date(2027, 1, 1)], ids=["this year", "next year"])
    def test_changes_no_figure_of_the_days_before(self, network, on):
        before = network.figures(2025, TODAY)

        network.open(on)

        assert network.figures(2025, TODAY) == before
        assert list_findings() == []

    def test_changes_nothing_as_seen_on_the_day_before(self, network):
        before = {
            row.school_id: row
            for row in list_figures(School.objects.all(), 2026, at_local(BEFORE, 20))
        }

        opened = network.open()

        after = {
            row.school_id: row
            for row in list_figures(School.objects.all(), 2026, at_local(BEFORE, 20))
        }
        assert after.pop(opened.school.pk).counted == 0
        assert after == before

    def test_is_not_dated_before_a_study_of_its_area(self, network):
        with refused(SchoolsError, "recorded a study"):
            network.open(date(2026, 4, 1))

    def test_leaves_the_former_school_something_to_serve(self, network):
        whole = SchoolArea.objects.filter(school=network.south).values_list("township", flat=True)

        with refused(SchoolsError, "merge it instead"):
            network.open(township_ids=list(whole))

    def test_says_at_the_field_which_code_is_taken(self, network):
        with refused(SchoolsError) as caught:
            network.open(code=network.south.code)

        assert caught.value.field == "code"

    def test_waits_for_a_change_of_the_area_recorded_for_later(self, network):
        network.open(date(2027, 1, 1))

        with refused(SchoolsError, "recorded for"):
            network.open(code="120111044", name="另一所党校")


class TestAMerger:
    def test_hands_over_the_area_and_ends_the_school_with_roles_and_offices(self, network):
        clerk = clerk_of(network.south)
        officer = SchoolOfficer.objects.create(
            school=network.south, office="vice_principal", name="王芳", period=period(START)
        )

        merged = network.merge(network.south, network.neighbour)

        for row in (merged.school, clerk.role_grants.get(), officer):
            row.refresh_from_db()
            assert row.period == period(START, D)
        assert {area.township.code for area in network.neighbour.areas.all()} == {
            *("120111003", "120111004", "120111005")
        }
        assert schools_of(network.members[1], D) == ["津门湖街道党校"]
        assert schools_of(network.members[1], BEFORE) == ["赤龙南街道党校"]

    @pytest.mark.parametrize("on", [D, date(2027, 1, 1)], ids=["this year", "next year"])
    def test_changes_no_figure_of_the_days_before(self, network, on):
        before = [network.figures(2025, TODAY), network.figures(2026, BEFORE)]

        network.merge(network.south, network.neighbour, on)

        assert [network.figures(2025, TODAY), network.figures(2026, BEFORE)] == before
        assert list_findings() == []

    def test_waits_for_the_rolls_of_sessions_that_are_over(self, network):
        training_class = factories.make_class(network.south)
        days = [BEFORE - timedelta(days=n) for n in range(7)]
        over = [factories.make_session(training_class, starts_at=at_local(d, 9)) for d in days]

        with refused(BlockedError) as caught:
            network.merge(network.south, network.neighbour)

        first = [f"/sessions/{session.pk}/roll/" for session in over[:1:-1]]
        assert [blocker.address for blocker in caught.value.blockers] == [
            *first,
            f"/sessions/?school={network.south.pk}&to=2026-09-30&due=missing",
        ]
        assert caught.value.blockers[-1].text[:2] == "2 "

    def test_waits_for_a_class_that_runs_over_the_day(self, network):
        training_class = factories.make_class(network.south, "秋季班")
        hold(training_class, {network.members[0]: "present"}, on=BEFORE)
        factories.make_session(training_class, starts_at=at_local(date(2026, 12, 1), 9))

        with refused(BlockedError) as caught:
            network.merge(network.south, network.neighbour)

        [blocker] = caught.value.blockers
        assert blocker.text.startswith("秋季班 has begun")
        assert blocker.address == (
            f"/sessions/?school={network.south.pk}&from=2026-09-30&to=2026-12-01"
        )

    def test_dated_back_waits_for_a_class_held_since(self, network):
        training_class = factories.make_class(network.south, "秋季班")
        hold(training_class, {network.members[0]: "present"}, on=D)

        with refused(BlockedError) as caught:
            network.merge(network.south, network.neighbour)

        assert [blocker.text[:3] for blocker in caught.value.blockers] == ["秋季班"]

    def test_hands_over_the_classes_that_have_not_begun(self, network):
        ahead = factories.make_class(network.south)
        factories.enrol(ahead, *network.members)
        begins = date(2026, 12, 1)
        session = factories.make_session(ahead, starts_at=at_local(begins, 9))
        held = network.south.classes.exclude(pk=ahead.pk).get()

        merged = network.merge(network.south, network.neighbour)

        assert list(network.neighbour.classes.all()) == [ahead]
        assert list(network.south.classes.all()) == [held]
        session.refresh_from_db()
        assert session.venue.school == network.south
        assert "1 class that has not begun passes to 津门湖街道党校" in merged.consequences[0]
        entry = AuditEntry.objects.get(object_type="courses.trainingclass", object_id=ahead.pk)
        assert entry.after == {"school_id": network.neighbour.pk}

    def test_lets_the_other_school_take_the_rolls_of_what_it_took_over(self, network):
        ahead = factories.make_class(network.south)
        before = network.figures(2025, TODAY)
        begins = date(2026, 12, 1)
        factories.enrol(ahead, *network.members)
        session = factories.make_session(ahead, starts_at=at_local(begins, 9))
        network.merge(network.south, network.neighbour)

        submit_roll(
            session_id=session.pk,
            marks={member.pk: "present" for member in network.members},
            seen={},
            by=factories.acting(clerk_of(network.neighbour)),
            at=at_local(begins, 18),
        )

        posted = CreditEntry.objects.filter(occurred_on=begins)
        assert {entry.school for entry in posted} == {network.neighbour}
        assert network.figures(2025, TODAY)[: len(before)] == before
        assert list_findings() == []

    def test_leaves_what_was_held_there_to_the_clerk_of_the_other_school(self, network):
        mark = Attendance.objects.filter(session__held_on__year=2026).first()
        clerk = clerk_of(network.neighbour)
        with refused(Attendance.DoesNotExist):
            factories.correct_mark(mark, "late", by=factories.acting(clerk), at=NOW)

        network.merge(network.south, network.neighbour)
        factories.correct_mark(mark, "late", by=factories.acting(clerk), at=NOW)

        assert {
            entry.school for entry in CreditEntry.objects.filter(assessment__in=mark.assessments)
        } == {network.south}
        assert list_findings() == []

    def test_gives_the_other_school_no_sight_before_the_day(self, network):
        clerk = clerk_of(network.neighbour)
        ahead = date(2027, 1, 1)

        network.merge(network.south, network.neighbour, ahead)

        assert list(School.objects.visible_to(clerk, TODAY)) == [network.neighbour]
        assert set(School.objects.visible_to(clerk, ahead)) == {network.south, network.neighbour}

    def test_passes_on_what_the_school_itself_had_taken_over(self, network):
        network.merge(network.south, network.neighbour)
        third = factories.make_school("120111006", "李七庄街道")
        clerk = clerk_of(third)

        network.merge(network.neighbour, third, date(2026, 11, 1))

        assert set(School.objects.visible_to(clerk, TODAY)) == {
            *(network.south, network.neighbour, third)
        }

    def test_ahead_says_which_rolls_are_still_to_be_submitted(self, network):
        training_class = factories.make_class(network.south)
        factories.make_session(training_class, starts_at=at_local(date(2026, 12, 1), 9))

        merged = network.merge(network.south, network.neighbour, date(2027, 1, 1))

        assert merged.consequences == [
            "The roll of 1 session before that day must be submitted by Thu 31 Dec 2026."
        ]
        assert network.south.classes.filter(pk=training_class.pk).exists()

    def test_is_not_dated_on_the_day_on_which_the_school_is_founded(self, network):
        founded = network.open().school

        with refused(SchoolsError, "choose a later day") as caught:
            network.merge(founded, network.south)

        assert caught.value.field == "on"
        network.merge(founded, network.south, D + timedelta(days=1))

    def test_is_not_dated_before_the_school_is_there(self, network):
        founded = network.open().school

        with refused(SchoolsError, "does not exist") as caught:
            network.merge(founded, network.south, BEFORE)

        assert caught.value.field == "on"

    def test_stays_in_the_history_of_both(self, network):
        network.merge(network.south, network.neighbour)

        kept = SchoolSuccession.objects.get()
        assert (kept.former, kept.successor) == (network.south, network.neighbour)
        assert (kept.kind, kept.takes_effect_on) == ("merger", D)

    def test_into_itself_is_refused(self, network):
        with refused(SchoolsError):
            network.merge(network.south, network.south)

    def test_of_a_school_that_ends_already_is_refused(self, network):
        network.merge(network.south, network.neighbour)

        with refused(SchoolsError, "recorded already"):
            network.merge(network.south, network.neighbour, date(2027, 1, 1))

    def test_is_not_dated_into_a_past_year(self, network):
        with refused(SchoolsError, "are settled"):
            network.merge(network.south, network.neighbour, date(2025, 12, 1))


class TestAnOfficer:
    def appoint(self, network: Network, name: str, on: date = D):
        return appoint_officer(
            school_id=network.south.pk,
            office="vice_principal",
            name=name,
            telephone="022-27391234",
            on=on,
            by=network.by,
            at=NOW,
        )

    def test_follows_the_former_one(self, network):
        former = self.appoint(network, "王芳", START)

        successor = self.appoint(network, "李芳")

        former.refresh_from_db()
        assert former.period == period(START, D)
        assert successor.period == period(D)

    def test_may_leave_the_office_vacant(self, network):
        former = self.appoint(network, "王芳", START)

        assert self.appoint(network, "") is None
        former.refresh_from_db()
        assert former.period == period(START, D)

    def test_does_not_begin_before_the_one_recorded(self, network):
        self.appoint(network, "王芳")

        with refused(SchoolsError, "later day"):
            self.appoint(network, "李芳", BEFORE)

    def test_an_office_that_is_vacant_is_not_left(self, network):
        with refused(SchoolsError, "vacant already"):
            self.appoint(network, "")


class TestAGuidanceNote:
    @pytest.fixture
    def liaison(self, network):
        user = factories.make_user()
        factories.grant(user, Role.LIAISON_OFFICER, network.south)
        return user

    def write(self, school, user, **fields: Any):
        given = {"noted_on": TODAY, "topic": "教学计划", "text": "比例合理"} | fields
        return write_guidance_note(school_id=school.pk, **given, by=factories.acting(user), at=NOW)

    def test_is_corrected_by_another_beside_it(self, network, liaison):
        first = self.write(network.south, liaison)

        second = self.write(network.south, liaison, text="略少", corrects_id=first.pk)

        assert (second.corrects, GuidanceNote.objects.count()) == (first, 2)
        with refused(SchoolsError, "corrected meanwhile"):
            self.write(network.south, liaison, corrects_id=first.pk)

    def test_is_written_by_the_schools_own_liaison_officer_only(self, network, liaison):
        with refused(PermissionDenied):
            self.write(network.neighbour, liaison)
        with refused(PermissionDenied):
            self.write(network.south, network.officer)

    def test_is_about_a_day_that_has_come(self, network, liaison):
        with refused(SchoolsError, "has come"):
            self.write(network.south, liaison, noted_on=TODAY + timedelta(days=1))
