"""Each check of the ledger finds its own tampering, and nothing but that.

The application cannot tamper with the ledger, so that these tests do it as the owner, with
triggers set aside, inside a transaction that is rolled back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.audit import record_act
from accounts.chain.checking import CHECKS as CHAIN_CHECKS
from accounts.enums import ActorChannel, Role
from accounts.models import AuditEntry, User
from accounts.origin import Actor
from backstage.files import store_file
from backstage.kept_files import KEPT_FILES
from classes.models import LeaveRequest
from config.lib.database_roles import as_owner, has_two_roles
from config.lib.periods import at_local
from funding.queries.fund_check import CHECKS as FUND_CHECKS
from hours.actions.ledger_check import check_ledger
from hours.management.commands.verify_ledger import Command
from hours.models import Assessment, CreditEntry, DisputeEntry, LedgerCheck
from hours.queries.ledger_check import (
    KINDS,
    OF_WHAT_IS_KEPT,
    RECOUNT,
    Finding,
    list_checks,
    list_findings,
)
from hours.tasks import verify_ledger
from quotas.models import DeliveredSession, Reconciliation
from quotas.queries.deliveries import store_delivered
from quotas.queries.results import store_results
from quotas.queries.statement_checks import STATEMENT_CHECKS
from rolls.models import Attendance, RollReopening, WalkIn
from rolls.wiring import TOTALS as ATTENDANCE_TOTALS
from schools.models import YearLock
from studies.models import StudyFile
from tests import factories
from tests.chains import explained
from tests.evidence import clerk_of, hold, study
from tests.factories import DAY, MORNING, NOON
from trainees.models import Departure, Member, MemberMerge
from years.actions.documents import issue_document
from years.enums import DocumentKind
from years.models import IssuedDocument

KEPT = {*OF_WHAT_IS_KEPT, ATTENDANCE_TOTALS}
owner_only = pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")


class Ledger:
    """A ledger with one of everything: marks, a correction, a capped day, branch study."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.branch = factories.make_organisation(self.school)
        self.present, self.absent, self.corrected = (
            factories.make_member(self.branch) for _ in range(3)
        )
        training_class = factories.make_class(self.school)
        marks = {self.present: "present", self.absent: "absent", self.corrected: "present"}
        self.morning = hold(training_class, marks, on=DAY)
        evening = factories.make_class(self.school, "晚间课堂")
        self.evening = hold(evening, {self.present: "present"}, on=DAY, hours="6", hour=14)
        factories.correct_mark(
            self.mark(self.corrected),
            "late",
            by=factories.acting(clerk_of(self.school)),
            at=at_local(DAY, 20).astimezone(UTC),
        )
        self.study = study(self.branch, self.present, on=date(2026, 4, 1), school=self.school)

    def mark(self, member: Member, session=None) -> Attendance:
        return Attendance.objects.get(member=member, session=session or self.morning)

    def assessment(self, mark: Attendance, version: int = 1) -> Assessment:
        return mark.assessments.get(version=version)

    def entry(self, mark: Attendance, version: int = 1) -> CreditEntry:
        return self.assessment(mark, version).entries.get(reverses=None)

    @property
    def reversal(self) -> CreditEntry:
        return CreditEntry.objects.get(reverses__isnull=False)


def execute(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount == 1


def remove_entry(ledger: Ledger) -> int:
    entry = ledger.entry(ledger.mark(ledger.present))
    execute("DELETE FROM hours_creditentry WHERE id = %s", entry.pk)
    return entry.assessment_id


def post_entry_twice(ledger: Ledger) -> int:
    """Hours for a mark that is worth none, under the key that it would have."""
    mark = ledger.mark(ledger.absent)
    execute(
        """
        INSERT INTO hours_creditentry (member_id, school_id, organisation_id, credit_year,
            category, occurred_on, hours, assessment_id, reason, source_key, posted_at,
            posted_by_id)
        SELECT %s, school_id, organisation_id, credit_year, category, occurred_on, 0.25,
               assessment_id, '', %s, posted_at, posted_by_id
        FROM hours_creditentry WHERE id = %s
        """,
        ledger.present.pk,
        f"{ledger.entry(ledger.mark(ledger.present)).source_key}:again",
        ledger.entry(ledger.mark(ledger.present)).pk,
    )
    return mark.pk


def raise_hours_of_entry(ledger: Ledger) -> int:
    entry = ledger.entry(ledger.mark(ledger.corrected), version=2)
    execute("UPDATE hours_creditentry SET hours = 4 WHERE id = %s", entry.pk)
    return entry.pk


def post_entry_after_its_year_closed(ledger: Ledger) -> int:
    """Beside entries that were posted before, and one of the minute in which the year closed."""
    entry, other = CreditEntry.objects.order_by("pk")[:2]
    locked_at = at_local(date(2027, 1, 9), 9)
    YearLock.objects.create(
        year=2026, revision=1, locked_at=locked_at, locked_by=clerk_of(ledger.school)
    )
    statement = "UPDATE hours_creditentry SET posted_at = %s WHERE id = %s"
    execute(statement, locked_at + timedelta(hours=1), entry.pk)
    execute(statement, locked_at + timedelta(seconds=20), other.pk)
    return entry.pk


def close_the_year(ledger: Ledger) -> None:
    """Reconcile the year for good."""
    at, by = at_local(date(2027, 1, 9), 9), clerk_of(ledger.school)
    lock = YearLock.objects.create(year=2026, revision=1, locked_at=at, locked_by=by)
    run = Reconciliation.objects.create(
        year=2026, number=1, lock=lock, as_of=date(2026, 12, 31), started_at=at
    )
    schools = [ledger.school.pk, None]
    members = store_results(run, schools)
    for school in schools:
        run.parts.create(school_id=school, members=members[school], done_at=at)
    store_delivered(run, at)
    Reconciliation.objects.filter(pk=run.pk).update(state="computed", computed_at=at)


def suspend_a_member_of_a_closed_year(ledger: Ledger) -> int:
    close_the_year(ledger)
    execute(
        "UPDATE trainees_membership SET membership_status = 'suspended' WHERE member_id = %s",
        ledger.absent.pk,
    )
    return ledger.absent.pk


def raise_the_hours_of_a_frozen_session(ledger: Ledger) -> int:
    close_the_year(ledger)
    frozen = DeliveredSession.objects.first()
    execute("UPDATE quotas_deliveredsession SET hours = hours + 1 WHERE id = %s", frozen.pk)
    return frozen.session_id


def give_entry_to_another_member(ledger: Ledger) -> int:
    entry = ledger.entry(ledger.mark(ledger.corrected), version=2)
    execute("UPDATE hours_creditentry SET member_id = %s WHERE id = %s", ledger.absent.pk, entry.pk)
    return entry.pk


def move_entry_to_another_year(ledger: Ledger) -> int:
    entry = CreditEntry.objects.get(assessment__source__study=ledger.study)
    execute(
        "UPDATE hours_creditentry SET credit_year = 2025, occurred_on = '2025-04-01' WHERE id = %s",
        entry.pk,
    )
    return entry.pk


def move_entry_to_another_organisation(ledger: Ledger) -> int:
    entry = CreditEntry.objects.get(assessment__source__study=ledger.study)
    other = factories.make_organisation(ledger.school, "第二党支部")
    execute("UPDATE hours_creditentry SET organisation_id = %s WHERE id = %s", other.pk, entry.pk)
    return entry.pk


def shrink_reversal(ledger: Ledger) -> int:
    execute("UPDATE hours_creditentry SET hours = -3.75 WHERE id = %s", ledger.reversal.pk)
    return ledger.reversal.pk


def move_reversal_to_another_school(ledger: Ledger) -> int:
    other = factories.make_school("120111005", "津门湖街道")
    execute(
        "UPDATE hours_creditentry SET school_id = %s WHERE id = %s",
        other.pk,
        ledger.reversal.pk,
    )
    return ledger.reversal.pk


def rename_source(ledger: Ledger) -> int:
    entry = ledger.entry(ledger.mark(ledger.present))
    execute("UPDATE hours_creditentry SET source_key = '0:0:20260513:1' WHERE id = %s", entry.pk)
    return entry.pk


def rename_source_of_study(ledger: Ledger) -> int:
    entry = CreditEntry.objects.get(assessment__source__study=ledger.study)
    execute("UPDATE hours_creditentry SET source_key = '0:0:20260401:1' WHERE id = %s", entry.pk)
    return entry.pk


def remove_reversal(ledger: Ledger) -> int:
    reversed_id = ledger.reversal.reverses_id
    execute("DELETE FROM hours_creditentry WHERE id = %s", ledger.reversal.pk)
    return reversed_id


def reverse_what_stands(ledger: Ledger) -> int:
    entry = ledger.entry(ledger.mark(ledger.present))
    execute(
        """
        INSERT INTO hours_creditentry (member_id, school_id, organisation_id, credit_year,
            category, occurred_on, hours, assessment_id, reverses_id, reason, source_key,
            posted_at, posted_by_id)
        SELECT member_id, school_id, organisation_id, credit_year, category, occurred_on, -hours,
               assessment_id, id, '无', source_key || ':reversal', posted_at, posted_by_id
        FROM hours_creditentry WHERE id = %s
        """,
        entry.pk,
    )
    return entry.pk


def remove_assessment_worth_nothing(ledger: Ledger) -> int:
    mark = ledger.mark(ledger.absent)
    execute("DELETE FROM hours_assessment WHERE id = %s", ledger.assessment(mark).pk)
    return mark.pk


def add_mark_without_assessment(ledger: Ledger) -> int:
    execute(
        """
        INSERT INTO rolls_attendance
            (session_id, member_id, organisation_id, status, version, marked_at, marked_by_id)
        SELECT %s, %s, organisation_id, 'absent', 1, marked_at, marked_by_id
        FROM rolls_attendance WHERE id = %s
        """,
        ledger.evening.pk,
        ledger.absent.pk,
        ledger.mark(ledger.absent).pk,
    )
    return ledger.mark(ledger.absent, ledger.evening).pk


def lengthen_session(ledger: Ledger) -> int:
    execute("UPDATE courses_session SET hours = 6.25 WHERE id = %s", ledger.evening.pk)
    return ledger.assessment(ledger.mark(ledger.present, ledger.evening)).pk


def call_the_absent_excused(ledger: Ledger) -> int:
    mark = ledger.mark(ledger.absent)
    execute("UPDATE rolls_attendance SET status = 'on_leave' WHERE id = %s", mark.pk)
    return ledger.assessment(mark).pk


def call_the_present_late(ledger: Ledger) -> int:
    mark = ledger.mark(ledger.present)
    execute("UPDATE rolls_attendance SET status = 'late' WHERE id = %s", mark.pk)
    return ledger.assessment(mark).pk


def shorten_study(ledger: Ledger) -> int:
    execute("UPDATE studies_study SET minutes = 90 WHERE id = %s", ledger.study.pk)
    return ledger.study.assessments.get().pk


def cut_study_without_a_cap(ledger: Ledger) -> int:
    """Assessment and entry agree, but nothing in the rule takes hours off."""
    assessment = ledger.study.assessments.get()
    execute(
        "UPDATE hours_assessment SET own_cut = 0.5, own_reason = 'late' WHERE id = %s",
        assessment.pk,
    )
    execute("UPDATE hours_creditentry SET hours = 1.5 WHERE assessment_id = %s", assessment.pk)
    return assessment.pk


def lift_daily_cap(ledger: Ledger) -> int:
    """The evening counts in full, and everything but the cap agrees with that."""
    assessment = ledger.assessment(ledger.mark(ledger.present, ledger.evening))
    execute(
        "UPDATE hours_assessment SET cap_cut = 0, cap_reason = 'none' WHERE id = %s",
        assessment.pk,
    )
    execute("UPDATE hours_creditentry SET hours = 6 WHERE assessment_id = %s", assessment.pk)
    return ledger.entry(ledger.mark(ledger.present)).pk


def cut_by_a_cap_that_was_not_reached(ledger: Ledger) -> int:
    """Two hours taken off on a day with room for them, in the name of the daily cap."""
    assessment = ledger.assessment(ledger.mark(ledger.corrected), version=2)
    execute(
        "UPDATE hours_assessment SET cap_cut = 2, cap_reason = 'day' WHERE id = %s",
        assessment.pk,
    )
    execute("UPDATE hours_creditentry SET hours = 1.75 WHERE assessment_id = %s", assessment.pk)
    return ledger.corrected.pk


def leave_out_a_version(ledger: Ledger) -> int:
    assessment = ledger.assessment(ledger.mark(ledger.absent))
    execute(
        "UPDATE hours_assessment SET version = 2, cause = 'reassessed' WHERE id = %s", assessment.pk
    )
    return assessment.pk


def forget_a_participant(ledger: Ledger) -> int:
    """Hours stand for somebody who is no longer said to have been there."""
    participant = ledger.study.participants.get()
    execute(
        "UPDATE studies_studyparticipant SET member_id = %s WHERE id = %s",
        ledger.absent.pk,
        participant.pk,
    )
    return participant.pk


def count_a_roll_in_another_class(ledger: Ledger) -> int:
    roll = ledger.evening.roll
    execute("UPDATE hours_source SET training = 'class:0' WHERE id = %s", roll.source_id)
    return roll.pk


def count_a_study_in_a_class(ledger: Ledger) -> int:
    source = ledger.study.source_id
    execute("UPDATE hours_source SET training = 'class:0' WHERE id = %s", source)
    return ledger.study.pk


def claim_for_what_nobody_knows(ledger: Ledger) -> int:
    source = ledger.evening.roll.source_id
    execute("UPDATE hours_source SET kind = 'rumour' WHERE id = %s", source)
    return source


def move_hours_of_a_roll(ledger: Ledger) -> int:
    """Assessment and entry agree on a school that did not hold the class."""
    assessment = ledger.assessment(ledger.mark(ledger.present, ledger.evening))
    return move_hours(assessment)


def move_hours_of_a_study(ledger: Ledger) -> int:
    """Assessment and entry agree on a school that did not serve the branch."""
    return move_hours(ledger.study.assessments.get())


def move_hours(assessment: Assessment) -> int:
    other = factories.make_school("120111005", "津门湖街道").pk
    for table, column in (("assessment", "id"), ("creditentry", "assessment_id")):
        execute(
            f"UPDATE hours_{table} SET school_id = %s WHERE {column} = %s",
            other,
            assessment.pk,
        )
    return assessment.pk


def move_a_mark_to_another_hour(ledger: Ledger) -> int:
    assessment = ledger.assessment(ledger.mark(ledger.absent))
    execute("UPDATE hours_assessment SET ends = ends + 1 WHERE id = %s", assessment.pk)
    return assessment.pk


def give_a_study_an_hour(ledger: Ledger) -> int:
    assessment = ledger.study.assessments.get()
    execute("UPDATE hours_assessment SET begins = 540, ends = 660 WHERE id = %s", assessment.pk)
    return assessment.pk


def invent_correction(ledger: Ledger) -> int:
    mark = ledger.mark(ledger.present)
    execute(
        """
        INSERT INTO rolls_attendancecorrection
            (attendance_id, version, old_status, new_status, reason, corrected_at, corrected_by_id)
        VALUES (%s, 2, 'absent', 'present', '无', now(), %s)
        """,
        mark.pk,
        clerk_of(ledger.school).pk,
    )
    return mark.pk


def issue(ledger: Ledger, member: Member) -> IssuedDocument:
    return issue_document(
        member_id=member.pk,
        kind=DocumentKind.YEAR_RECORD,
        year=DAY.year,
        check_address="https://xuetang.example/check/",
        by=factories.acting(clerk_of(ledger.school)),
        at=at_local(DAY, 20).astimezone(UTC),
    )


def take_a_document_away(ledger: Ledger) -> int:
    """The number of somebody's paper is missing; everybody else's is as it was."""
    taken, left = issue(ledger, ledger.absent), issue(ledger, ledger.present)
    execute("DELETE FROM years_issueddocument WHERE id = %s", taken.pk)
    return left.pk


def change_what_a_document_says(ledger: Ledger) -> int:
    document = issue(ledger, ledger.present)
    execute(
        'UPDATE years_issueddocument SET facts = facts || \'{"done": "40.00"}\' WHERE id = %s',
        document.pk,
    )
    return document.pk


def skip_a_version_of_a_document(ledger: Ledger) -> int:
    document = issue(ledger, ledger.present)
    execute("UPDATE years_issueddocument SET version = 2 WHERE id = %s", document.pk)
    return document.pk


def _letter(ledger: Ledger) -> int:
    return factories.make_letter(factories.make_lecturer(ledger.school)).pk


def change_what_a_letter_says(ledger: Ledger) -> int:
    key = _letter(ledger)
    execute(
        'UPDATE instructors_issuedletter SET facts = facts || \'{"name": "钱进"}\' WHERE id = %s',
        key,
    )
    return key


def skip_a_version_of_a_letter(ledger: Ledger) -> int:
    key = _letter(ledger)
    execute("UPDATE instructors_issuedletter SET version = 2 WHERE id = %s", key)
    return key


def forget_who_passed_a_study(ledger: Ledger) -> int:
    """A record that was handed in, and passed by nobody."""
    execute("UPDATE studies_study SET version = 3 WHERE id = %s", ledger.study.pk)
    return ledger.study.pk


def pass_what_one_recorded(ledger: Ledger) -> int:
    reviewer = factories.make_user()
    add_review(ledger, reviewer.pk)
    execute(
        "UPDATE studies_study SET version = 3, recorded_by_id = %s WHERE id = %s",
        reviewer.pk,
        ledger.study.pk,
    )
    return ledger.study.pk


def skip_the_community(ledger: Ledger) -> int:
    execute("UPDATE studies_study SET version = 3 WHERE id = %s", ledger.study.pk)
    add_review(ledger, factories.make_user().pk)
    factories.grant(
        factories.make_user(), Role.ORGANISATION_COMMISSIONER, organisation=ledger.branch
    )
    return ledger.study.pk


def add_review(ledger: Ledger, reviewer: int) -> None:
    """The school passed the study."""
    execute(
        """
        INSERT INTO studies_studyreview (study_id, round, step, verdict, reason, recorded_by_id,
                                          reviewed_at, reviewed_by_id)
        SELECT id, round, 'school', 'passed', '', recorded_by_id, recorded_at, %s
        FROM studies_study WHERE id = %s
        """,
        reviewer,
        ledger.study.pk,
    )


def call_off_a_session_that_was_held(ledger: Ledger) -> int:
    execute(
        "UPDATE courses_session SET called_off_at = starts_at - interval '1 day', "
        "called_off_by_id = (SELECT min(id) FROM accounts_user), called_off_because = '暴雪' "
        "WHERE id = %s",
        ledger.evening.pk,
    )
    return ledger.evening.pk


def link_to(member: Member, user: User) -> None:
    execute("UPDATE trainees_member SET user_id = %s WHERE id = %s", user.pk, member.pk)


def mark_oneself(ledger: Ledger) -> int:
    mark = ledger.mark(ledger.corrected)
    link_to(ledger.corrected, mark.marked_by)
    return mark.pk


def pass_what_one_was_at(ledger: Ledger) -> int:
    reviewer = factories.make_user()
    add_review(ledger, reviewer.pk)
    link_to(ledger.present, reviewer)
    return ledger.study.pk


def answer_ones_own_dispute(ledger: Ledger) -> int:
    user = factories.make_user()
    link_to(ledger.absent, user)
    dispute = factories.make_dispute(ledger.mark(ledger.absent))
    return DisputeEntry.objects.create(
        dispute=dispute,
        step="answered",
        verdict="stands",
        text="已核",
        written_at=at_local(DAY, 21),
        written_by=user,
    ).pk


def match_a_walk_in_without_a_mark(ledger: Ledger) -> int:
    clerk = factories.make_user()
    return WalkIn.objects.create(
        session=ledger.evening,
        name="李秀英",
        status="present",
        recorded_at=at_local(DAY, 20),
        recorded_by=clerk,
        member=ledger.absent,
        matched_at=at_local(DAY, 20),
        matched_by=clerk,
    ).pk


def leave_on_ones_own_record(ledger: Ledger) -> int:
    user = factories.make_user()
    link_to(ledger.absent, user)
    return Departure.objects.create(
        member=ledger.absent,
        organisation=ledger.branch,
        kind="transfer_out",
        left_on=DAY,
        recorded_at=NOON,
        recorded_by=user,
    ).pk


def merge_oneself(ledger: Ledger) -> int:
    user = factories.make_user()
    link_to(ledger.absent, user)
    return MemberMerge.objects.create(
        kept=ledger.present,
        given_up=ledger.absent,
        reason="同一人",
        proposed_at=NOON,
        proposed_by=user,
    ).pk


def exempt_oneself(ledger: Ledger) -> int:
    user = factories.make_user()
    link_to(ledger.absent, user)
    exemption = factories.exempt(ledger.absent)
    record_act(act="grant_exemption", obj=exemption, by=factories.acting(user), at=NOON)
    return AuditEntry.objects.get(act="grant_exemption").pk


def print_ones_own_slip(ledger: Ledger) -> int:
    """By another account of the same person: that of a row that was merged into theirs."""
    user, other = factories.make_user(), factories.make_user()
    link_to(ledger.absent, user)
    officer = factories.make_user()
    MemberMerge.objects.create(
        kept=ledger.absent,
        given_up=ledger.corrected,
        state="done",
        reason="同一人",
        proposed_at=MORNING,
        proposed_by=officer,
        decided_at=MORNING,
        decided_by=factories.make_user(),
        ended={"account": other.pk},
    )
    record_act(act="issue_slip", obj=user, by=factories.acting(other), at=NOON)
    return AuditEntry.objects.get(act="issue_slip").pk


def reopen_ones_own_roll(ledger: Ledger) -> int:
    user = factories.make_user()
    link_to(ledger.absent, user)
    return RollReopening.objects.create(
        roll=ledger.morning.roll,
        reason="误记",
        asked_at=at_local(DAY, 21),
        asked_by=factories.make_user(),
        answer="granted",
        answered_at=at_local(DAY, 22),
        answered_by=user,
    ).pk


def match_a_walk_in_to_oneself(ledger: Ledger) -> int:
    user = factories.make_user()
    link_to(ledger.present, user)
    return WalkIn.objects.create(
        session=ledger.evening,
        name="李秀英",
        status="present",
        recorded_at=at_local(DAY, 20),
        recorded_by=user,
        member=ledger.present,
        matched_at=at_local(DAY, 20),
        matched_by=user,
    ).pk


def take_back_ones_own_hours(ledger: Ledger) -> int:
    """A correction to nothing is said to be the taking back of the roll, by its member."""
    user = factories.make_user()
    link_to(ledger.corrected, user)
    assessment = ledger.assessment(ledger.mark(ledger.corrected), version=2)
    execute(
        "UPDATE hours_assessment SET cause = 'withdrawn', assessed_by_id = %s WHERE id = %s",
        user.pk,
        assessment.pk,
    )
    return assessment.pk


def raise_hours_of_a_session_one_attended(ledger: Ledger) -> int:
    user, mark = factories.make_user(), ledger.mark(ledger.present)
    link_to(ledger.present, user)
    by, facts = factories.acting(user), {"hours": "8.00"}
    at = mark.marked_at + timedelta(minutes=1)
    return record_act(act="change_record", obj=mark.session, by=by, after=facts, at=at).pk


def allow_oneself_leave(ledger: Ledger) -> int:
    user = factories.make_user()
    link_to(ledger.absent, user)
    return LeaveRequest.objects.create(
        session=ledger.morning,
        member=ledger.absent,
        reason="值班",
        asked_at=MORNING,
        answer="accepted",
        answered_at=MORNING,
        answered_by=user,
    ).pk


def take_away_a_kept_file(ledger: Ledger) -> int:
    stored = store_file(
        data=b"x", name="x.jpg", media_type="image/jpeg", owner=None, at=NOON, keep_days=None
    )
    recorder = ledger.study.recorded_by
    StudyFile.objects.create(
        study=ledger.study, kind="photo", file=stored, added_at=NOON, added_by=recorder
    )
    execute("DELETE FROM backstage_storedfile WHERE id = %s", stored.pk)
    return stored.pk


ENTRY_ONCE = "every assessment worth hours has exactly one entry, the others none"
ENTRY_AGREES = "every entry says what its assessment says"
REVERSAL = "every reversal is the exact negative of its entry"
SOURCE = "source keys name their evidence"
SUPERSEDED = "superseded entries are reversed, the latest ones stand"
VERSIONS = "versions of an assessment follow one another"
ASSESSED = "every mark of a submitted roll stands assessed, no other mark does"
ATTENDANCE = "what attendance is worth follows from session, mark and rule"
STUDY = "what study is worth follows from its minutes and rule"
PARTICIPANTS = "every participant of an approved study stands assessed, no other does"
REVIEWED = "every approved study was passed by others than its recorder, in the steps of its rule"
RESULTS = "results of closed years are what hours and facts say"
FROZEN = "sessions of closed years are what rolls and hours say"
CLOSED = "no entry is posted or reversed in a closed year"
CAP = "nobody has more hours on one day than the daily cap"
CORRECTIONS = "corrections link one version of a mark to the next"
WALK_INS = "every walk-in that is matched has a mark on the roll of its session"
CALLED_OFF = "no session that was called off has a mark"
NUMBERS = "numbers of issued documents run on without a gap"
PAPERS = "versions of issued documents follow one another"
DIGESTS = "issued documents say what was sealed"
LETTERS = "versions of letters of appointment follow one another"
LETTER_DIGESTS = "letters of appointment say what was sealed"
CLASS_TRAINING = "every roll is counted in the training of its class"
STUDY_TRAINING = "every study is a training of its own"
ROLL_PLACE = "hours of a roll stand at the school of its class and the organisation of the mark"
STUDY_PLACE = "hours of a study stand at its school and the organisation of the participant"
OWN_MARK = "nobody marks themselves present or corrects their own mark"
OWN_REVIEW = "nobody reviews or corrects study that they took part in"
OWN_DISPUTE = "nobody answers or decides a dispute of their own"
OWN_DEPARTURE = "nobody records or takes back their own departure"
OWN_MERGE = "nobody proposes, decides or undoes a merge of their own"
OWN_FACT = "nobody enters or ends exemptions, posts or membership of their own"
OWN_POWER = "nobody gives themselves a slip or a role"
OWN_REOPENING = "nobody answers a request to reopen a roll with a mark of theirs"
OWN_WALK_IN = "nobody is the one who matches a walk-in to them"
OWN_WITHDRAWAL = "nobody takes back a roll with a mark of theirs"
OWN_FIGURE = "nobody changes the hours of a session that they attended"
OWN_LEAVE = "nobody answers a request for leave of their own"

# Each tampering returns the id that its check must name.
TAMPERINGS: list[tuple[str, Callable[[Ledger], int]]] = [
    (ENTRY_ONCE, remove_entry),
    (ENTRY_AGREES, raise_hours_of_entry),
    (ENTRY_AGREES, give_entry_to_another_member),
    (ENTRY_AGREES, move_entry_to_another_year),
    (ENTRY_AGREES, move_entry_to_another_organisation),
    (REVERSAL, shrink_reversal),
    (REVERSAL, move_reversal_to_another_school),
    (SOURCE, rename_source),
    (SOURCE, rename_source_of_study),
    (CLOSED, post_entry_after_its_year_closed),
    (RESULTS, suspend_a_member_of_a_closed_year),
    (FROZEN, raise_the_hours_of_a_frozen_session),
    (SUPERSEDED, remove_reversal),
    (SUPERSEDED, reverse_what_stands),
    (ASSESSED, remove_assessment_worth_nothing),
    (ASSESSED, add_mark_without_assessment),
    (ATTENDANCE, lengthen_session),
    (ATTENDANCE, call_the_absent_excused),
    (ATTENDANCE, call_the_present_late),
    (RECOUNT, cut_by_a_cap_that_was_not_reached),
    (VERSIONS, leave_out_a_version),
    (STUDY, shorten_study),
    (STUDY, cut_study_without_a_cap),
    (REVIEWED, forget_who_passed_a_study),
    (REVIEWED, pass_what_one_recorded),
    (REVIEWED, skip_the_community),
    (CORRECTIONS, invent_correction),
    (WALK_INS, match_a_walk_in_without_a_mark),
    (CALLED_OFF, call_off_a_session_that_was_held),
    (NUMBERS, take_a_document_away),
    (DIGESTS, change_what_a_document_says),
    (LETTER_DIGESTS, change_what_a_letter_says),
    (CLASS_TRAINING, count_a_roll_in_another_class),
    (STUDY_TRAINING, count_a_study_in_a_class),
    (ROLL_PLACE, move_hours_of_a_roll),
    (STUDY_PLACE, move_hours_of_a_study),
    (ATTENDANCE, move_a_mark_to_another_hour),
    (STUDY, give_a_study_an_hour),
    (OWN_MARK, mark_oneself),
    (OWN_REVIEW, pass_what_one_was_at),
    (OWN_DISPUTE, answer_ones_own_dispute),
    (OWN_DEPARTURE, leave_on_ones_own_record),
    (OWN_MERGE, merge_oneself),
    (OWN_FACT, exempt_oneself),
    (OWN_POWER, print_ones_own_slip),
    (OWN_REOPENING, reopen_ones_own_roll),
    (OWN_WALK_IN, match_a_walk_in_to_oneself),
    (OWN_WITHDRAWAL, take_back_ones_own_hours),
    (OWN_FIGURE, raise_hours_of_a_session_one_attended),
    (OWN_LEAVE, allow_oneself_leave),
    (KEPT_FILES, take_away_a_kept_file),
]


# These are seen from two sides.
TOGETHER: dict[Callable[[Ledger], int], set[str]] = {
    lift_daily_cap: {CAP, RECOUNT},
    forget_a_participant: {PARTICIPANTS, STUDY_PLACE},
    claim_for_what_nobody_knows: {KINDS, CLASS_TRAINING, ASSESSED},
    skip_a_version_of_a_document: {PAPERS, DIGESTS},
    skip_a_version_of_a_letter: {LETTERS, LETTER_DIGESTS},
    post_entry_twice: {ENTRY_ONCE, ENTRY_AGREES, SOURCE, CAP, RECOUNT},
}


@pytest.fixture
def tampered(transactional_db) -> Callable:
    """Tampers with a new ledger as the owner and returns what `look` sees; keeps nothing."""

    def tamper(act: Callable[[Ledger], int], look: Callable[[], object]):
        with as_owner(), transaction.atomic():
            ledger = Ledger()
            assert list_findings() == []
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
            findings = act(ledger), look()
            transaction.set_rollback(True)
        return findings

    return tamper


def list_findings_of_rows() -> list[Finding]:
    """The findings without those of what is kept, which have their own tests."""
    return [finding for finding in list_findings() if finding.check not in KEPT]


def test_every_check_has_its_tampering():
    tampered_with = {check for check, _ in TAMPERINGS}.union(*TOGETHER.values())
    # Most of those of statements are broken in tests/quotas/actions/test_statements.py.
    elsewhere = STATEMENT_CHECKS.keys() | FUND_CHECKS.keys()
    assert tampered_with == set(list_checks()) - KEPT - elsewhere


@owner_only
@pytest.mark.parametrize(
    ("check", "tampering"), TAMPERINGS, ids=[act.__name__ for _, act in TAMPERINGS]
)
def test_a_tampering_is_found_by_its_check_alone(tampered, check, tampering):
    offender, findings = tampered(tampering, list_findings_of_rows)

    assert findings == [Finding(check, 1, [offender])]


@owner_only
@pytest.mark.parametrize("tampering", TOGETHER, ids=[act.__name__ for act in TOGETHER])
def test_a_tampering_that_two_sides_show_is_found_by_all_of_them(tampered, tampering):
    """Hours posted twice among them, by number and by key; the same key twice is refused."""
    _, findings = tampered(tampering, list_findings_of_rows)

    assert {finding.check for finding in findings} == TOGETHER[tampering]


def status_of_command() -> int:
    """The exit status of `manage.py verify_ledger`."""
    try:
        Command(stdout=StringIO(), stderr=StringIO()).run_from_argv(["", "verify_ledger"])
    except SystemExit as end:
        return end.code
    return 0


class TestTheCommand:
    @pytest.mark.django_db
    def test_prints_counts_and_every_check_when_all_is_well(self):
        Ledger()
        out = StringIO()

        call_command("verify_ledger", stdout=out)

        lines = out.getvalue().splitlines()
        assert lines[0] == "6 entries, 6 assessments"
        checks = list_checks()
        assert lines[1 : 1 + len(checks)] == [f"  ok   {check}" for check in checks]
        assert lines[-2:] == ["  ok   3 audit entries fit their seals", "no findings"]

    @pytest.mark.django_db
    def test_is_content_with_an_empty_ledger(self):
        out = StringIO()

        call_command("verify_ledger", stdout=out)

        assert out.getvalue().startswith("0 entries, 0 assessments\n")

    @pytest.mark.django_db
    def test_keeps_each_run(self):
        Ledger()
        call_command("verify_ledger", stdout=StringIO())

        kept = LedgerCheck.objects.get()
        assert (kept.entries, kept.assessments, kept.findings) == (6, 6, 0)
        assert kept.details["checks"] == [*list_checks(), *CHAIN_CHECKS]
        assert (kept.details["findings"], kept.details["broken_digests"]) == ([], [])

    @owner_only
    def test_names_check_count_and_rows_of_a_finding(self, tampered):
        out = StringIO()

        def look():
            with pytest.raises(CommandError) as caught:
                call_command("verify_ledger", stdout=out)
            return caught.value, LedgerCheck.objects.get().findings

        offender, (error, kept) = tampered(rename_source, look)

        # The chain names the row too: no act renamed it.
        assert (str(error), error.returncode, kept) == ("2 findings", 1, 2)
        assert f"  BAD  {SOURCE}\n       1 rows: [{offender}]\n" in out.getvalue()
        assert "no findings" not in out.getvalue()

    @owner_only
    def test_finds_an_edited_audit_entry_too_and_tells_the_log(self, tampered, caplog):
        def edit(ledger):
            execute("UPDATE accounts_auditentry SET actor_name = '王丽' WHERE act LIKE 'correct%%'")

        def look():
            with pytest.raises(CommandError, match="2 findings"):
                call_command("verify_ledger", stdout=out)

        out = StringIO()
        tampered(edit, look)

        assert "BAD  3 audit entries fit their seals; not: [" in out.getvalue()
        broken = [line for line in caplog.records if "trail is broken" in line.getMessage()]
        assert [line.levelname for line in broken] == ["ERROR"]
        assert "王丽" not in caplog.text

    @pytest.mark.django_db(transaction=True)
    def test_exits_with_one_on_a_finding_and_zero_otherwise(self):
        with explained():
            ledger = Ledger()
        assert status_of_command() == 0

        lengthen_session(ledger)
        assert status_of_command() == 1


@pytest.mark.django_db
def test_the_nightly_task_tells_how_much_it_found(caplog):
    ledger = Ledger()
    assert verify_ledger() == 0
    lengthen_session(ledger)

    assert verify_ledger() == 1
    assert "found 1 findings" in caplog.text


@pytest.mark.django_db
def test_a_finding_shows_some_of_many_rows():
    ledger = Ledger()
    training_class = factories.make_class(ledger.school)
    crowd = {factories.make_member(ledger.branch): "present" for _ in range(12)}
    session = hold(training_class, crowd, on=date(2026, 6, 3))
    execute("UPDATE courses_session SET hours = 3 WHERE id = %s", session.pk)

    (finding,) = list_findings()
    assert (finding.check, finding.count) == (ATTENDANCE, 12)
    assert finding.examples == sorted(finding.examples)[:10]
    assert check_ledger(at=at_local(DAY, 23), by=Actor(None, ActorChannel.TASK)).findings == 12
