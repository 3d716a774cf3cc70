"""The table of acts × interests: every act either gives nobody anything, or is tried here.

A case prepares an act on `world.mine`, the member row of the person with the account `world.me`,
and returns it as a function of the account that acts. `world.me` and `world.other` hold the same
roles.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from accounts.enums import Role
from accounts.models import User
from accounts.records import CHANGE, RecordError, state_of
from backstage.pending_acts import PendingError, confirm_act, refuse_act
from classes.actions.calling_off import change_session
from classes.actions.leaves import answer_leave
from classes.enums import LeaveAnswer
from classes.errors import LeaveError
from classes.models import LeaveRequest
from config.lib.periods import at_local, local_date, period
from courses.enums import Format
from courses.models import Session
from courses.records import save_session
from dispatch.actions.desk import engage_lecturer
from dispatch.errors import EngagementError
from hours.actions.disputes import answer_dispute, decide_dispute
from hours.errors import DisputeError
from hours.models import DisputeEntry
from instructors.actions.letters import revoke_letter
from instructors.actions.nominations import appoint_nominee, decline_nomination
from instructors.errors import LetterError, NominationError
from instructors.models import AppointmentLetter, Instructor, Nomination
from instructors.records import save_instructor, save_letter
from rolls.actions.attendance import record_attendance, submit_roll, withdraw_roll
from rolls.actions.roll_stages import answer_reopening
from rolls.actions.walk_ins import WalkInFacts, match_walk_in, record_walk_in, unmatch_walk_in
from rolls.enums import ReopeningAnswer
from rolls.errors import RollError
from rolls.models import Attendance, RollReopening
from schools.actions.grants import propose_grant
from schools.errors import SchoolsError
from schools.models import Organisation, RoleGrant
from schools.records import delete_role_grant, save_role_grant
from studies.actions.studies import StudyFacts, record_study, submit_study
from studies.actions.study_files import add_study_file
from studies.actions.study_reviews import correct_participants, review_study, withdraw_study
from studies.enums import StudyKind
from studies.errors import StudyError
from studies.models import Study
from tests import factories
from tests.factories import DAY, NOON, ClassWorld, acting, grant, make_member, make_user
from trainees.actions import people
from trainees.actions.departures import record_departure, return_member, take_back_departure
from trainees.actions.member_merges import merge_members, propose_merge, refuse_merge, undo_merge
from trainees.actions.organisations import (
    close_organisation,
    merge_organisations,
    split_organisation,
)
from trainees.actions.register import RegisterError, order_merge
from trainees.actions.slips import issue_member_slips
from trainees.enums import DepartureKind, ImportState, MembershipStatus, PostKind, RowKind
from trainees.errors import MemberFactError, SlipError
from trainees.models import Exemption, Member, MemberMerge, Membership, Post, RegisterImport
from trainees.records import (
    delete_fact,
    delete_post,
    save_exemption,
    save_member,
    save_membership,
    save_post,
)

EVENING = at_local(DAY, 21)
ON = DAY + timedelta(days=1)

type Act = Callable[[User], object]

CASES: dict[str, Case] = {}


@dataclass(frozen=True)
class Case:
    """An act under its name in the trail, the error of its refusal, and how it is prepared."""

    act: str
    error: type[Exception]
    prepare: Callable[[World], Act]


def case(act: str, error: type[Exception]) -> Callable:
    """Put the decorated function into the table as the case of its name."""

    def enter(prepare: Callable[[World], Act]) -> Callable[[World], Act]:
        CASES[prepare.__name__] = Case(act, error, prepare)
        return prepare

    return enter


class World(ClassWorld):
    """A class with two trainees, one of whom is `mine`, and two people with the same roles."""

    def __init__(self) -> None:
        super().__init__(size=2)
        self.mine, self.colleague = self.members
        self.me, self.other, self.third = make_user(), make_user(), make_user()
        for user in (self.me, self.other, self.third):
            grant(user, Role.SCHOOL_CLERK, self.school)
            grant(user, Role.ORGANISATION_DEPARTMENT)
            grant(user, Role.DISTRICT_SCHOOL)
        self.secretary = make_user()
        leader = factories.make_leader(self.organisation)
        leader.user = self.secretary
        leader.save(update_fields=["user"])

    def submit(self, status: str = "present") -> None:
        """The roll, submitted by somebody who is not on it."""
        marks = {self.mine.pk: status, self.colleague.pk: "present"}
        submit_roll(session_id=self.session.pk, marks=marks, seen={}, by=self.by, at=EVENING)

    def study(self, *, passed: bool = False) -> Study:
        study = factories.make_study(self.organisation, [self.mine], by=self.secretary)
        if passed:
            review(study, self.third, Study.objects.get(pk=study.pk).version)
        return Study.objects.get(pk=study.pk)

    def dispute(self):
        self.submit("absent")
        return factories.make_dispute(Attendance.objects.get(member=self.mine))

    def merge(self) -> MemberMerge:
        twin = make_member(self.organisation, self.mine.name)
        return propose_merge(
            kept_id=twin.pk,
            given_up_id=self.mine.pk,
            reason="同一人",
            by=acting(self.third),
            at=NOON,
        )


def review(study: Study, user: User, version: int, *, at=EVENING) -> object:
    return review_study(
        study_id=study.pk, seen_version=version, passes=True, reason="", by=acting(user), at=at
    )


def fact(world: World, action: Callable, **facts: object) -> Act:
    """An act on the member's dated facts."""
    return lambda user: action(member_id=world.mine.pk, by=acting(user), at=EVENING, **facts)


def record(action: Callable, obj: object, **facts: object) -> Act:
    """A write of the administration."""
    return lambda user: action(obj=obj, by=acting(user), **facts)


# --- Study


@case("review_study", StudyError)
def review_of_a_study_with_oneself(world):
    study = world.study()
    return lambda user: review(study, user, study.version)


@case("review_study", StudyError)
def review_of_a_declaration_for_oneself(world):
    kwargs = {"by": acting(world.clerk), "at": EVENING}
    facts = StudyFacts(StudyKind.ONLINE_STUDY, "学习强国", "", DAY, 60)
    study = record_study(organisation=None, facts=facts, member_ids=[world.mine.pk], **kwargs)
    add_study_file(
        study_id=study.pk,
        kind="certificate",
        data=factories.make_picture(),
        name="证书.png",
        **kwargs,
    )
    study = submit_study(study_id=study.pk, seen_version=study.version, **kwargs)
    return lambda user: review(study, user, study.version)


@case("withdraw_study", StudyError)
def withdrawal_of_a_study_with_oneself(world):
    study = world.study(passed=True)
    return lambda user: withdraw_study(
        study_id=study.pk, seen_version=study.version, reason="重复", by=acting(user), at=EVENING
    )


def _correct(study: Study, **who: list[int]) -> Act:
    return lambda user: correct_participants(
        study_id=study.pk,
        seen_version=study.version,
        reason="核对",
        by=acting(user),
        at=EVENING,
        **{"add": [], "remove": [], **who},
    )


@case("correct_participants", StudyError)
def oneself_added_to_a_study(world):
    study = factories.make_study(world.organisation, [world.colleague], by=world.secretary)
    review(study, world.third, study.version)
    return _correct(Study.objects.get(pk=study.pk), add=[world.mine.pk])


@case("correct_participants", StudyError)
def oneself_taken_off_a_study(world):
    study = factories.make_study(
        world.organisation, [world.mine, world.colleague], by=world.secretary
    )
    review(study, world.third, study.version)
    return _correct(Study.objects.get(pk=study.pk), remove=[world.mine.pk])


# --- Rolls


@case("record_attendance", RollError)
def own_mark_in_a_draft(world):
    return lambda user: record_attendance(
        session_id=world.session.pk,
        marks={world.mine.pk: "present"},
        seen={},
        by=acting(user),
        at=NOON,
    )


@case("submit_roll", RollError)
def own_mark_at_the_submission(world):
    marks = {world.mine.pk: "late", world.colleague.pk: "present"}
    return lambda user: submit_roll(
        session_id=world.session.pk, marks=marks, seen={}, by=acting(user), at=EVENING
    )


@case("submit_roll", RollError)
def own_mark_of_a_class_that_expects_everyone(world):
    world.training_class.format = Format.INTENSIVE
    world.training_class.save()
    return lambda user: submit_roll(
        session_id=world.session.pk, marks={}, seen={}, by=acting(user), at=EVENING
    )


@case("correct_attendance", RollError)
def own_mark_corrected(world):
    world.submit("absent")
    mark = Attendance.objects.get(member=world.mine)
    return lambda user: factories.correct_mark(mark, "present", by=acting(user), at=EVENING)


@case("withdraw_roll", RollError)
def roll_with_oneself_taken_back(world):
    world.submit()
    return lambda user: withdraw_roll(
        session_id=world.session.pk, reason="重点", by=acting(user), at=EVENING
    )


@case("change_record", RecordError)
def hours_put_right_of_a_session_with_oneself(world):
    world.submit()
    withdraw_roll(
        session_id=world.session.pk, reason="学时有误", by=acting(world.third), at=EVENING
    )
    obj = Session.objects.get(pk=world.session.pk)
    obj.hours, obj.hours_reason = 1, "只讲了一小时"
    return record(save_session, obj, at=EVENING, fields=["hours", "hours_reason"])


@case("answer_reopening", RollError)
def roll_with_oneself_reopened(world):
    world.submit()
    roll = world.session.roll
    roll.closed_at = EVENING
    roll.save()
    asked = RollReopening.objects.create(
        roll=roll, reason="误记", asked_at=EVENING, asked_by=world.clerk
    )
    return lambda user: answer_reopening(
        reopening_id=asked.pk,
        answer=ReopeningAnswer.GRANTED,
        word="",
        by=acting(user),
        at=EVENING,
    )


def _walk_in(world: World):
    world.training_class.enrolments.filter(member=world.mine).delete()
    facts = WalkInFacts(name=world.mine.name)
    return record_walk_in(session_id=world.session.pk, facts=facts, by=world.by, at=EVENING)


@case("match_walk_in", RollError)
def walk_in_matched_to_oneself(world):
    walk_in = _walk_in(world)
    return lambda user: match_walk_in(
        walk_in_id=walk_in.pk, member_id=world.mine.pk, by=acting(user), at=EVENING
    )


@case("unmatch_walk_in", RollError)
def own_walk_in_unmatched(world):
    walk_in = _walk_in(world)
    kwargs = {"walk_in_id": walk_in.pk, "at": EVENING}
    match_walk_in(member_id=world.mine.pk, by=acting(world.third), **kwargs)
    return lambda user: unmatch_walk_in(reason="误", by=acting(user), **kwargs)


@case("answer_leave", LeaveError)
def own_leave(world):
    leave = LeaveRequest.objects.create(
        session=world.session, member=world.mine, reason="值班", asked_at=NOON
    )
    return lambda user: answer_leave(
        leave_id=leave.pk, answer=LeaveAnswer.ACCEPTED, word="", by=acting(user), at=NOON
    )


# --- Disputes


@case("answer_dispute", DisputeError)
def own_dispute_answered(world):
    dispute = world.dispute()
    return lambda user: answer_dispute(
        dispute_id=dispute.pk, verdict="stands", text="已核", by=acting(user), at=EVENING
    )


@case("decide_dispute", DisputeError)
def own_dispute_decided(world):
    dispute = world.dispute()
    steps = {"dispute": dispute, "written_at": EVENING, "text": "如此"}
    DisputeEntry.objects.create(step="answered", verdict="stands", written_by=world.clerk, **steps)
    DisputeEntry.objects.create(step="appealed", written_by=world.clerk, **steps)
    dispute.state = "appealed"
    dispute.save()
    return lambda user: decide_dispute(
        dispute_id=dispute.pk, verdict="stands", text="已核", by=acting(user), at=EVENING
    )


# --- The register card


@case("transfer_member", MemberFactError)
def own_transfer(world):
    elsewhere = factories.make_organisation(world.school, "第二党支部")
    return fact(world, people.transfer_member, organisation=elsewhere, on=ON)


@case("change_membership_status", MemberFactError)
def own_standing(world):
    status = MembershipStatus.SUSPENDED
    return fact(world, people.change_membership_status, membership_status=status, on=ON)


@case("appoint_to_post", MemberFactError)
def own_post(world):
    kind, organisation = PostKind.COMMITTEE_MEMBER, world.organisation
    return fact(world, people.appoint_to_post, organisation=organisation, kind=kind, on=ON)


@case("end_post", MemberFactError)
def end_of_own_post(world):
    post = Post.objects.create(
        member=world.mine,
        organisation=world.organisation,
        kind=PostKind.COMMITTEE_MEMBER,
        period=period(factories.START),
    )
    return fact(world, people.end_post, post_id=post.pk, on=ON)


@case("grant_exemption", MemberFactError)
def own_exemption(world):
    return fact(world, people.grant_exemption, category="elderly", days=period(ON))


@case("end_exemption", MemberFactError)
def end_of_own_exemption(world):
    exemption = factories.exempt(world.mine)
    return fact(world, people.end_exemption, exemption_id=exemption.pk, on=ON)


@case("change_record", MemberFactError)
def own_full_membership(world):
    return fact(world, people.record_full_membership, on=DAY)


@case("change_record", MemberFactError)
def own_days_of_joining(world):
    days = ["joined_on", "full_member_on"]
    facts = {"joined_on": DAY, "full_member_on": None, "seen": state_of(world.mine, days)}
    return fact(world, people.correct_days, reason="档案", **facts)


@case("record_departure", MemberFactError)
def own_departure(world):
    facts = {"kind": DepartureKind.TRANSFER_OUT, "on": DAY, "document": ""}
    return fact(world, record_departure, **facts)


@case("take_back_departure", MemberFactError)
def own_departure_taken_back(world):
    left = own_departure(world)(world.third)
    return lambda user: take_back_departure(
        departure_id=left.departure.pk, reason="误", by=acting(user), at=EVENING
    )


@case("return_member", MemberFactError)
def own_return(world):
    world.mine.memberships.update(period=period(factories.START, DAY))
    status, here = MembershipStatus.NORMAL, world.organisation
    return fact(world, return_member, organisation=here, membership_status=status, on=DAY)


@case("propose_merge", MemberFactError)
def own_merge_proposed(world):
    twin = make_member(world.organisation, world.mine.name)
    return lambda user: propose_merge(
        kept_id=twin.pk, given_up_id=world.mine.pk, reason="同一人", by=acting(user), at=NOON
    )


@case("refuse_merge", MemberFactError)
def own_merge_refused(world):
    merge = world.merge()
    return lambda user: refuse_merge(merge_id=merge.pk, answer="否", by=acting(user), at=NOON)


@case("merge_members", MemberFactError)
def own_merge_done(world):
    merge = world.merge()
    return lambda user: merge_members(merge_id=merge.pk, by=acting(user), at=EVENING)


@case("undo_merge", MemberFactError)
def own_merge_undone(world):
    merge = world.merge()
    merge_members(merge_id=merge.pk, by=acting(world.other), at=EVENING)
    return lambda user: undo_merge(merge_id=merge.pk, reason="否", by=acting(user), at=EVENING)


@case("issue_slips", SlipError)
def own_slip(world):
    RoleGrant.objects.filter(user=world.mine.user_id).delete()  # staff gets it from elsewhere
    return lambda user: issue_member_slips(
        member_ids=[world.mine.pk], key=uuid4(), by=acting(user), at=EVENING
    )


def _register(world: World, changes: dict[str, list[object]]) -> Act:
    register = RegisterImport.objects.create(
        file_name="名册.xlsx",
        as_of=local_date(EVENING),
        state=ImportState.READY,
        uploaded_at=EVENING,
        uploaded_by=world.third,
    )
    register.rows.create(
        row_number=2, kind=RowKind.CHANGED, member=world.mine, name=world.mine.name, changes=changes
    )
    return lambda user: order_merge(
        register_id=register.pk, leave_out_refused=False, by=acting(user), at=EVENING
    )


@case("order_merge", RegisterError)
def register_with_a_post_of_ones_own(world):
    return _register(world, {"post": ["", "secretary"]})


@case("order_merge", RegisterError)
def register_with_a_transfer_of_ones_own(world):
    elsewhere = factories.make_organisation(world.school, "第二党支部")
    return _register(world, {"organisation": [world.organisation.pk, elsewhere.pk]})


# --- Organisations: what happens to one may end a post, and with it what its holder owes


def _post(world: World, organisation: Organisation) -> None:
    Post.objects.create(
        member=world.mine,
        organisation=organisation,
        kind=PostKind.COMMITTEE_MEMBER,
        period=period(factories.START),
    )


@case("split_organisation", SchoolsError)
def oneself_split_off(world):
    return lambda user: split_organisation(
        organisation_id=world.organisation.pk,
        code="120111888001",
        name="第三党支部",
        member_ids=[world.mine.pk],
        on=ON,
        by=acting(user),
        at=EVENING,
    )


@case("merge_organisations", SchoolsError)
def own_post_ended_by_a_merger(world):
    into = factories.make_organisation(world.school, "第二党支部")
    _post(world, world.organisation)
    return lambda user: merge_organisations(
        organisation_id=world.organisation.pk,
        into_id=into.pk,
        on=ON,
        by=acting(user),
        at=EVENING,
    )


@case("close_organisation", SchoolsError)
def own_post_ended_by_a_closing(world):
    empty = factories.make_organisation(world.school, "第二党支部")
    _post(world, empty)
    return lambda user: close_organisation(
        organisation_id=empty.pk, on=ON, by=acting(user), at=EVENING
    )


# --- The administration


@case("add_record", RecordError)
def own_exemption_in_the_administration(world):
    days = {"category": "elderly", "period": period(ON)}
    obj = Exemption(member=world.mine, recorded_at=EVENING, **days)
    return record(save_exemption, obj, at=EVENING, fields=["member", *days])


@case("delete_record", RecordError)
def own_exemption_deleted(world):
    obj = Exemption.objects.create(member=world.mine, category="elderly", period=period(ON))
    return record(delete_fact, obj, at=EVENING)


@case("add_record", RecordError)
def own_post_in_the_administration(world):
    facts = {"organisation": world.organisation, "kind": PostKind.SECRETARY, "period": period(ON)}
    obj = Post(member=world.mine, recorded_at=EVENING, **facts)
    return record(save_post, obj, at=EVENING, fields=["member", *facts])


@case("delete_record", RecordError)
def own_post_deleted(world):
    facts = {"organisation": world.organisation, "kind": PostKind.SECRETARY, "period": period(ON)}
    obj = Post.objects.create(member=world.mine, **facts)
    return record(delete_post, obj, at=EVENING)


@case("change_record", RecordError)
def own_membership_in_the_administration(world):
    obj = world.mine.memberships.get()
    obj.membership_status = MembershipStatus.SUSPENDED
    obj.period = period(ON)
    Membership.objects.filter(pk=obj.pk).update(period=period(ON))
    return record(save_membership, obj, at=EVENING, fields=["membership_status"])


@case("delete_record", RecordError)
def own_membership_deleted(world):
    obj = world.mine.memberships.get()
    Membership.objects.filter(pk=obj.pk).update(period=period(ON))
    return record(delete_fact, obj, at=EVENING)


@case("change_record", RecordError)
def own_days_in_the_administration(world):
    obj = Member.objects.get(pk=world.mine.pk)
    obj.joined_on = DAY
    return record(save_member, obj, fields=["joined_on"])


# --- Power: acts on an account, not on a row


def own_account(world: World) -> User:
    """The account that the member row belongs to; of a row without one, that of the person."""
    return Member.objects.get(pk=world.mine.pk).user or world.me


@case("add_record", RecordError)
def own_role(world):
    facts = {"user": own_account(world), "role": Role.LIAISON_OFFICER, "school": world.school}
    obj = RoleGrant(period=period(ON), **facts)
    return record(save_role_grant, obj, fields=[*facts, "period"])


@case("delete_record", RecordError)
def own_role_deleted(world):
    obj = grant(own_account(world), Role.LIAISON_OFFICER, world.school, period=period(ON))
    return record(delete_role_grant, obj)


@case("add_record", RecordError)
def oneself_as_lecturer(world):
    facts = {
        "name": "王芳",
        "corps": "professional",
        "employer": "党校",
        "user": own_account(world),
    }
    return record(save_instructor, Instructor(**facts), fields=list(facts))


@case("add_record", RecordError)
def own_letter_of_appointment(world):
    lecturer = Instructor.objects.create(
        name="王芳", corps="professional", employer="党校", user=own_account(world)
    )
    facts = {"number": "西党培聘〔2026〕1号", "instructor": lecturer, "signed_on": DAY}
    obj = AppointmentLetter(period=period(ON), **facts)
    return record(save_letter, obj, on=DAY, fields=[*facts, "period"])


@case("nominate_lecturer", NominationError)
def oneself_nominated_as_lecturer(world):
    account = own_account(world)

    def act(user: User) -> Nomination:
        named = User.objects.get(pk=account.pk)
        return factories.make_nomination(world.school, user, named.display_name, named.username)

    return act


def _nomination_of_oneself(world: World) -> Nomination:
    account = own_account(world)
    return factories.make_nomination(
        world.school, world.third, account.display_name, account.username
    )


@case("appoint_nominee", NominationError)
def oneself_appointed_as_lecturer(world):
    key = _nomination_of_oneself(world).pk
    return lambda user: appoint_nominee(nomination_id=key, by=acting(user), at=EVENING)


@case("decline_nomination", NominationError)
def own_nomination_declined(world):
    key = _nomination_of_oneself(world).pk
    return lambda user: decline_nomination(
        nomination_id=key, reason="名额已满", by=acting(user), at=EVENING
    )


def _lecturer(world: World) -> Instructor:
    return factories.make_lecturer(world.school, user=own_account(world))


@case("issue_letter", LetterError)
def own_letter_of_appointment_issued(world):
    lecturer = _lecturer(world)
    return lambda user: factories.make_letter(lecturer, by=user)


@case("revoke_letter", LetterError)
def own_letter_of_appointment_revoked(world):
    key = factories.make_letter(_lecturer(world)).letter_id
    return lambda user: revoke_letter(letter_id=key, reason="调离", by=acting(user), at=EVENING)


@case("engage_lecturer", EngagementError)
def oneself_engaged_as_lecturer(world):
    lecturer = _lecturer(world)
    factories.make_letter(lecturer)
    letter = factories.make_booking_letter(world.school, stage="scheduled")
    factories.make_engagement(letter, starts_at=EVENING + timedelta(days=7))
    return lambda user: engage_lecturer(
        letter_id=letter.pk,
        number=1,
        instructor_id=lecturer.pk,
        reason="唯一人选",
        by=acting(user),
        at=EVENING,
    )


@case(CHANGE, RecordError)
def oneself_named_as_lecturer_of_a_class(world):
    lecturer = _lecturer(world)

    def act(user: User) -> None:
        session = Session.objects.get(pk=world.session.pk)
        session.instructor = lecturer
        facts = {"fields": ["instructor"], "school_code": world.school.code}
        change_session(obj=session, by=acting(user), at=NOON, **facts)

    return act


@case("propose_act", PendingError)
def own_role_of_an_administrator_proposed(world):
    obj = RoleGrant(user=own_account(world), role=Role.AUDIT_ADMINISTRATOR, period=period(DAY))
    return lambda user: propose_grant(obj=obj, by=acting(user), at=NOON)


@case("confirm_act", PendingError)
def own_role_of_an_administrator_confirmed(world):
    act = _propose(world)
    return lambda user: confirm_act(act_id=act.pk, by=acting(user), at=NOON)


@case("refuse_act", PendingError)
def own_slip_refused(world):
    act = _propose(world)
    return lambda user: refuse_act(act_id=act.pk, reason="不知情", by=acting(user), at=NOON)


def _propose(world: World):
    """What a third person proposes for the account; both others may decide on it."""
    for user in (world.me, world.other):
        grant(user, Role.SYSTEM_ADMINISTRATOR)
    obj = RoleGrant(user=own_account(world), role=Role.APPROVER, period=period(DAY))
    return propose_grant(obj=obj, by=acting(world.third), at=NOON)


# Acts by which nobody gains hours, relief or power, and why. Whatever is neither here nor tried
# fails the test.
GIVES_NOTHING = {
    "a look or a file": (
        "look_up_member look_up_hours look_up_guest look_up_documents export_hours export_list "
        "download_errors download_file open_document open_letter open_session_file print_card "
        "open_voucher "
        "open_statement print_report print_fund_paper fill_layout "
        "print_sheet print_slips"
    ),
    "one's own account, by oneself": (
        "sign_in sign_out change_password activate_account read_notice open_account see_slip "
        "make_calendar_feed end_calendar_feed set_email"
    ),
    "evidence that somebody else reviews": (
        "record_study change_study discard_study submit_study add_study_file remove_study_file "
        "record_walk_in remove_walk_in add_session_file remove_session_file dismiss_mark"
    ),
    "a request that somebody else answers": (
        "ask_leave withdraw_leave open_dispute appeal_dispute withdraw_dispute ask_reopening "
        "ask_year_reopening withdraw_year_reopening answer_finding"
    ),
    "a place in a class; hours come with the mark": (
        "enrol_members enrol_self withdraw_member withdraw_self leave_waiting_list "
        "promote_members arrange_roster give_pocket call_off_session set_joining_schools"
    ),
    "a mark that receive_marks makes, which is tried": "take_delayed_scan",
    "a card, by which others mark": "issue_card revoke_card",
    "the work of a class": (
        "post_notice take_notice_down save_supervision_draft discard_supervision_draft "
        "file_supervision_note amend_supervision_note add_material move_material remove_material "
        "rate_class take_lecturer"
    ),
    "by the portal, on a day": "close_roll take_up_name follow_phone",
    "by the rules, for everybody alike": "reassess_ledger confirm_rules",
    "a paper that says what stands": "issue_document revoke_document reissue_letter",
    "the network": (
        "found_district found_from_table add_township add_village add_organisation "
        "rename_organisation cancel_rename move_organisation open_school merge_schools "
        "appoint_officer "
        "end_office end_role write_guidance_note"
    ),
    "a register that order_merge applies, which is tried": (
        "upload_register decide_proposals explain_columns reread_register apply_register "
        "discard_register import_member import_change"
    ),
    "one's own second factor, by oneself or by what one has": (
        "enrol_second_factor give_second_factor fail_second_factor use_recovery_code "
        "renew_recovery_codes fail_password fail_sign_in"
    ),
    "of a second factor that its holder enrols anew; for another's account alone": (
        "reset_second_factor"
    ),
    "the menu of courses, for all schools, and what a school plans from it": (
        "retire_course offer_course_again add_course_material remove_course_material set_mix "
        "copy_year_plan"
    ),
    "what a school orders, and what both sides agree to": (
        "write_letter change_letter submit_letter answer_inquiry confirm_letter cancel_letter "
        "evaluate_letter take_letter hand_over_letter ask_school decline_letter schedule_letter "
        "note_taught propose_engagement withdraw_engagement follow_session release_plan "
        "accept_engagement decline_engagement lapse_engagement"
    ),
    "the days on which somebody can teach": (
        "set_weekly_slots add_lecturer_leave end_lecturer_leave add_availability_exception "
        "remove_availability_exception"
    ),
    "what the district asks of a school in a year, and what the school claims of it": (
        "begin_task change_task discard_task publish_task begin_claim write_claim discard_claim "
        "submit_claim warn_of_shortfalls"
    ),
    "a year computed from what stands, and its lock": (
        "start_reconciliation reconcile_part finish_reconciliation discard_reconciliation "
        "end_rehearsal "
        "restart_reconciliation lock_year release_year"
    ),
    "a reminder": "remind_of_roll",
    "money of a school, asked for or given; it is checked, approved and paid by others": (
        "allocate_funds adjust_allocation carry_funds_over commit_funds release_commitment "
        "reverse_transaction add_voucher withdraw_voucher withdraw_commitment settle_class"
    ),
    "the sheet of an office": "keep_layout explain_layout withdraw_layout",
    "of the results of a school, which another person countersigns": "sign_results",
    "by the last statement, which is tried": "close_year",
    "a member who has no account yet": "add_member",
    "of a batch of slips, which is tried": "issue_slip agree_to_slip",
    "the running of the portal": (
        "read_only_on read_only_off reseal restore_backup stop_job seed_demo check_ledger "
        "appoint_first_administrator"
    ),
}
