"""The demo district of `seed_demo`, seeded once, small, and looked at from all sides."""

import io
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count, F, Sum
from django.test import override_settings

from accounts.enums import DERIVED_ROLES, Role
from accounts.models import AuditEntry, User
from backstage.models import Message
from classes.enums import RollState
from classes.models import ClassMaterial, Enrolment, RatingRound, Roll, SupervisionNote
from classes.queries.ratings import get_class_rating
from config.lib.encryption import decrypt, fingerprint
from config.lib.names import pinyin_forms
from config.lib.periods import at_local, in_force, local_date
from config.lib.resident_ids import birth_date_of, clean_resident_id
from courses.enums import Format, VenueKind
from courses.models import Course, PresetSession, Session, StrandShare, TrainingClass, Venue
from dispatch.models import BookingLetter, Engagement, PlanVersion
from funding.enums import CommitmentState
from funding.models import Allocation, AuditFinding, Commitment, FundLeg, SpecialAudit
from funding.queries.balances import list_balances
from funding.queries.fund_check import list_fund_findings
from funding.queries.populations import draw_again
from hours.enums import AssessmentCause, Cap, OwnCut
from hours.models import Assessment, CreditEntry, CreditRule, Dispute
from hours.queries.ledger_check import list_findings
from instructors.models import AppointmentLetter, Instructor, Nomination
from quotas.models import Reconciliation, YearStatement
from quotas.queries.statements import find_closed
from rolls.enums import AttendanceStatus
from rolls.models import Attendance, RollReopening, WalkIn
from schools.demo.officers import DEMO_PASSWORD
from schools.enums import OrganisationKind, SchoolOffice
from schools.models import (
    District,
    Organisation,
    Placement,
    RoleGrant,
    School,
    SchoolArea,
    Township,
    Village,
)
from studies.enums import StudyKind, StudyState
from studies.models import Study, StudyReview
from tests.factories import make_user
from trainees.demo.people import NOBODYS_AREA
from trainees.enums import LEADING_POSTS, MembershipStatus, PostKind
from trainees.models import Exemption, Member, Membership, Post

# One worker seeds once for the whole module.
pytestmark = pytest.mark.xdist_group("seed_demo")

ON = date(2026, 11, 24)
MEMBERS = 900
ARGUMENTS = ["--year", "2026", "--on", ON.isoformat(), "--members", str(MEMBERS)]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Where the demo's statements lie."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module", autouse=True)
def output(django_db_setup, django_db_blocker, files):
    """What the command printed. Its rows are there for every test of this module."""
    with django_db_blocker.unblock(), transaction.atomic():
        printed = io.StringIO()
        with override_settings(MEDIA_ROOT=files):
            call_command("seed_demo", *ARGUMENTS, stdout=printed)
        connection.check_constraints()
        yield printed.getvalue()
        transaction.set_rollback(True)


def test_the_network_is_the_real_one():
    assert str(District.objects.get()) == "西青区"
    assert Township.objects.count() == 12
    assert Village.objects.count() == 286
    assert School.objects.count() == 11
    assert School.objects.get(code="120111101").name == "杨柳青镇党校"
    assert not School.objects.exclude(code__in=Township.objects.values("code")).exists()
    served = SchoolArea.objects.get(township__code="120111004")
    assert served.school.name == "赤龙南街道党校"
    assert SchoolArea.objects.count() == 12


def test_schools_have_officers_notes_contact_and_teaching_points():
    for school in School.objects.prefetch_related("officers", "guidance_notes", "venues"):
        current = [officer for officer in school.officers.all() if officer.period.upper is None]
        assert {officer.office for officer in current} == set(SchoolOffice)
        assert school.guidance_notes.count() == 3
        assert school.office
        assert all(venue.equipment.exists() for venue in school.venues.all())
    points = Venue.objects.filter(kind=VenueKind.TEACHING_POINT)
    assert points.count() == 10
    assert set(points.values_list("school__code", flat=True)) == {"120111101", "120111002"}


def test_organisations_form_a_tree_below_the_district_committee():
    top = Organisation.objects.get(kind=OrganisationKind.DISTRICT_COMMITTEE)
    committees = Placement.objects.filter(organisation__kind=OrganisationKind.COMMITTEE)
    assert set(committees.values_list("parent", flat=True)) == {top.pk}
    assert committees.count() == 12
    above = {
        OrganisationKind.GENERAL_BRANCH: {OrganisationKind.COMMITTEE},
        OrganisationKind.BRANCH: {OrganisationKind.COMMITTEE, OrganisationKind.GENERAL_BRANCH},
    }
    for kind, allowed in above.items():
        rows = Placement.objects.filter(organisation__kind=kind)
        assert set(rows.values_list("parent__kind", flat=True)) <= allowed
        beside = rows.filter(township=F("parent__placements__township"))
        assert beside.count() == rows.count() > 0
    below = Placement.objects.exclude(organisation=top).select_related("organisation", "township")
    assert all(row.organisation.code.startswith(row.township.code) for row in below)
    assert below.count() == Organisation.objects.count() - 1


def test_rows_pass_the_checks_of_their_models():
    for model in (Organisation, Member, Instructor, Course, Session, Allocation, User, RoleGrant):
        for row in model.objects.order_by("-pk")[:15]:
            row.full_clean(validate_constraints=False)


def test_id_numbers_are_valid_and_belong_to_nobody():
    members = list(Member.objects.all())
    assert len(members) == MEMBERS
    numbers = [decrypt(member.resident_id_encrypted) for member in members]
    assert len(set(numbers)) == MEMBERS
    for member, number in zip(members, numbers, strict=True):
        assert clean_resident_id(number) == number
        assert number.startswith(NOBODYS_AREA)
        assert birth_date_of(number) == member.birth_date
        assert int(number[16]) % 2 == (member.sex == "m")
        assert member.resident_id_fingerprint == fingerprint(number)


def test_members_are_plausible():
    members = list(Member.objects.all())
    ages = [(ON - member.birth_date).days / 365.25 for member in members]
    assert min(ages) >= 18
    assert max(ages) < 97
    assert 48 < sum(ages) / MEMBERS < 56
    assert 0.25 < sum(age > 60 for age in ages) / MEMBERS < 0.45
    for member in members:
        assert 8 <= len(member.number) <= 12
        assert (member.name_pinyin, member.name_initials) == pinyin_forms(member.name)
        assert member.joined_on < ON
        if member.full_member_on:
            assert member.joined_on < member.full_member_on <= ON
        assert (member.joined_on - member.birth_date).days >= 18 * 365.25 - 1
    assert any("\u00b7" in member.name for member in members)
    assert 0.3 < sum(member.phone != "" for member in members) / MEMBERS < 0.9


def test_each_member_belongs_to_one_branch_on_the_day():
    current = Membership.objects.filter(in_force(ON))
    assert current.count() == MEMBERS
    assert set(current.values_list("organisation__kind", flat=True)) == {OrganisationKind.BRANCH}
    statuses = Counter(current.values_list("membership_status", flat=True))
    assert statuses[MembershipStatus.NORMAL] > 0.95 * MEMBERS
    assert statuses[MembershipStatus.SUSPENDED] + statuses[MembershipStatus.LOST_CONTACT] > 0
    moved = Membership.objects.filter(
        period__endswith__isnull=False, membership_status=MembershipStatus.NORMAL
    )
    assert moved.exclude(
        member__memberships__membership_status__in=["suspended", "lost_contact"]
    ).exists()


def test_every_branch_has_a_secretary_and_all_three_audiences_exist():
    held = Post.objects.filter(in_force(ON))
    branches = Organisation.objects.filter(kind=OrganisationKind.BRANCH)
    led = set(held.filter(kind=PostKind.SECRETARY).values_list("organisation", flat=True))
    assert set(branches.values_list("pk", flat=True)) <= led
    workers = set(held.filter(kind=PostKind.AFFAIRS_WORKER).values_list("member", flat=True))
    holders = set(held.values_list("member", flat=True))
    assert workers
    assert len(holders) < MEMBERS / 2


def test_lecturers_have_homes_and_that_of_the_account_has_something_to_show():
    assert not Instructor.objects.filter(name_initials="").exists()
    with_home = Instructor.objects.filter(home_township__isnull=False)
    assert set(with_home.values_list("corps", flat=True)) == {"professional", "backbone"}
    assert with_home.count() > 150
    lecturer = Instructor.objects.get(user__username="lecturer")
    assert lecturer.home_township is not None
    assert lecturer.courses.count() >= 16
    assert lecturer.sessions.count() >= 2


def test_lecturers_hold_letters_in_force():
    corps = Counter(Instructor.objects.values_list("corps", flat=True))
    assert corps == {"lead_study": 20, "professional": 60, "backbone": 160}
    letters = AppointmentLetter.objects.filter(in_force(ON))
    assert letters.values("instructor").distinct().count() == 240
    soon = letters.filter(period__endswith__lte=ON + timedelta(days=60))
    assert soon.count() == 12
    waiting = Nomination.objects.waiting().filter(school__isnull=False)
    assert waiting.values("school").distinct().count() == 3


def test_schools_wait_for_lecturers_who_answer():
    stages = Counter(BookingLetter.objects.values_list("stage", flat=True))
    assert set(stages) == {
        *("draft", "submitted", "inquiry", "answered", "scheduled"),
        *("confirmed", "taught", "evaluated"),
    }
    assert PlanVersion.objects.get().lines.count() > 0
    waiting = Engagement.objects.filter(letter__training_class=None)
    first = waiting.order_by("pk").first()
    assert first.state == "proposed"
    assert first.starts_at.date() > ON + timedelta(days=14)
    # So that lecturers can accept.
    for row in waiting.exclude(instructor=None):
        day = local_date(row.starts_at)
        assert row.instructor.letters.filter(period__contains=day).exists()
    # As long as the format's session, so that the school can agree.
    minutes = PresetSession.objects.get(preset="pack").minutes
    lengths = {row.ends_at - row.starts_at for row in waiting}
    assert lengths == {timedelta(minutes=minutes)}


def test_classes_that_schools_booked_say_what_their_letters_say():
    engaged = Engagement.objects.filter(letter__training_class__isnull=False)
    assert {row.session.training_class_id for row in engaged} == set(
        BookingLetter.objects.exclude(training_class=None).values_list("training_class", flat=True)
    )
    for row in engaged.select_related("session", "letter"):
        taught = row.letter.stage != "confirmed"
        assert (row.starts_at, row.instructor_id) == (
            row.session.starts_at,
            row.session.instructor_id,
        )
        assert taught == (row.starts_at.date() < ON)
        assert not row.session.is_called_off


def test_letters_are_numbered_by_school_without_a_gap():
    numbers = defaultdict(list)
    for school, number in BookingLetter.objects.values_list("school__code", "number"):
        numbers[school].append(number)

    for school, found in numbers.items():
        expected = [f"{school}-Y{ON.year}-{n:03}" for n in range(1, len(found) + 1)]
        assert sorted(found) == expected


def test_every_module_keeps_its_mix_on_the_menu_and_in_the_classes():
    tolerated = {
        (share.module_id, share.strand): (share.percent, share.tolerance)
        for share in StrandShare.objects.filter(in_force(ON))
    }
    for rows, module in (
        (Course.objects.values_list("module", "strand", "hours"), "menu"),
        (Session.objects.values_list("course__module", "course__strand", "hours"), "classes"),
    ):
        hours = defaultdict(Decimal)
        for module_id, strand, worth in rows:
            hours[module_id, strand] += worth
        for (module_id, strand), (percent, tolerance) in tolerated.items():
            total = sum(value for key, value in hours.items() if key[0] == module_id)
            share = hours[module_id, strand] * 100 / total
            assert abs(share - percent) <= tolerance, (module, module_id, strand, share)
    assert Course.objects.filter(is_premium=True).exists()
    assert Course.objects.filter(is_elective=True).exists()


def test_nobody_and_no_room_is_in_two_places():
    taken = {"venue_id": defaultdict(list), "instructor_id": defaultdict(list)}
    for session in Session.objects.all():
        for field, by_key in taken.items():
            by_key[getattr(session, field)].append((session.starts_at, session.ends_at))
    roster = defaultdict(list)
    pairs = Enrolment.objects.values_list(
        "member", "training_class__sessions__starts_at", "training_class__sessions__ends_at"
    )
    for member, starts_at, ends_at in pairs:
        roster[member].append((starts_at, ends_at))
    assert None not in taken["instructor_id"]
    for meetings in [
        *taken["venue_id"].values(),
        *taken["instructor_id"].values(),
        *roster.values(),
    ]:
        meetings.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(meetings))


def test_rosters_fit_their_rooms_and_come_from_the_schools_own_area():
    for training_class in TrainingClass.objects.annotate(size=Count("enrolments")):
        seats = Venue.objects.filter(sessions__training_class=training_class)
        assert 0 < training_class.size <= min(seats.values_list("capacity", flat=True))
    elsewhere = Enrolment.objects.exclude(
        organisation__placements__township__areas__school=F("training_class__school")
    )
    assert not elsewhere.exists()
    pockets = defaultdict(set)
    for class_id, pocket in Enrolment.objects.values_list("training_class", "phone_pocket"):
        pockets[class_id].add(pocket)
    assert all(numbers == set(range(1, len(numbers) + 1)) for numbers in pockets.values())


def test_classes_have_all_formats_and_sensible_sessions():
    worth = {Format.MICRO_LECTURE: {1: Decimal("0.25")}, Format.INTENSIVE: {6: Decimal(4)}}
    classes = TrainingClass.objects.prefetch_related("sessions")
    assert {c.format for c in classes} == set(Format)
    for c in classes:
        sessions = list(c.sessions.all())
        hours = {session.hours for session in sessions}
        if c.format in {Format.PACK, Format.EVENING}:
            assert sum(session.hours for session in sessions) == 4
        else:
            assert {len(sessions): hours.pop()} == worth[c.format]


def test_every_school_meets_today_and_some_rolls_wait():
    today = Session.objects.filter(held_on=ON).select_related("training_class")
    assert {s.training_class.school_id for s in today} == set(
        School.objects.values_list("pk", flat=True)
    )
    assert min(Counter(s.training_class.school_id for s in today).values()) >= 2
    assert not Roll.objects.filter(session__held_on__gte=ON).exists()
    past = Session.objects.filter(held_on__lt=ON)
    states = Counter(past.values_list("roll__state", flat=True))
    assert states[None] > 0
    assert states[RollState.DRAFT] > 0
    assert states[RollState.SUBMITTED] > 0.8 * past.count()
    for clerk in ("120111101", "120111005"):
        waiting = past.filter(training_class__school__code=clerk, roll__isnull=True)
        assert waiting.exists()
    assert Session.objects.filter(held_on__gt=ON).exists()


def test_submitted_rolls_are_complete_and_drafts_are_not():
    enrolled = dict(
        Session.objects.annotate(n=Count("training_class__enrolments")).values_list("pk", "n")
    )
    marked = dict(Session.objects.annotate(n=Count("attendances")).values_list("pk", "n"))
    for session, state in Roll.objects.values_list("session", "state"):
        if state == RollState.SUBMITTED:
            assert marked[session] == enrolled[session]
        else:
            assert marked[session] < enrolled[session]
    marks = Counter(Attendance.objects.values_list("status", flat=True))
    assert set(marks) == set(AttendanceStatus)


def test_rolls_past_their_deadline_are_closed_and_one_is_to_be_reopened():
    submitted = Roll.objects.filter(state=RollState.SUBMITTED)

    assert submitted.filter(closed_at__isnull=False).count() > 0.5 * submitted.count()
    assert submitted.filter(closed_at=None).exists()
    assert RollReopening.objects.get().answer == ""
    assert Session.objects.get(called_off_at__isnull=False).held_on >= ON


def test_rolls_in_draft_have_walk_ins_to_match():
    walk_ins = WalkIn.objects.select_related("session__roll")

    assert walk_ins
    assert {walk_in.session.roll.state for walk_in in walk_ins} == {RollState.DRAFT}
    assert not walk_ins.exclude(member=None)


def test_classes_are_supervised_rated_and_have_materials():
    assert SupervisionNote.objects.count() == 3
    assert ClassMaterial.objects.exists()
    for rating_round in RatingRound.objects.all():
        rating = get_class_rating(rating_round.training_class, at_local(ON, 12))
        assert rating is not None
        assert not rating.is_open
    assert RatingRound.objects.count() == 4


def test_only_what_people_were_told_lately_is_unread():
    messages = Message.objects.all()
    assert messages.filter(kind="study_reviewed").exists()
    last_week = at_local(ON - timedelta(days=7), 0)
    assert not messages.filter(written_at__lt=last_week, read_at=None).exists()
    assert not messages.filter(written_at__gte=last_week).exclude(read_at=None).exists()


def test_the_ledger_check_finds_nothing(settings, files):
    settings.MEDIA_ROOT = files
    assert list_findings() == []
    assert AuditEntry.objects.filter(act="seed_demo").count() == 1


def test_cuts_follow_the_rules_computed_one_by_one():
    """Recomputes every assessment in a plain loop, in the order of the day."""
    rules = {rule.category: rule for rule in CreditRule.objects.filter(in_force(ON))}
    cap = rules["concentrated"].daily_cap
    evidence = defaultdict(list)
    latest = Assessment.objects.select_related("source__roll__session", "source__study").exclude(
        version=1, source__study__state=StudyState.WITHDRAWN
    )
    marks = {(mark.session_id, mark.member_id): mark for mark in Attendance.objects.all()}
    for a in latest:
        session = a.source.roll.session if a.source.kind == "roll" else None
        study = None if session else a.source.study
        order = (session is None, session and session.starts_at, study.pk if study else 0)
        evidence[a.member_id, a.occurred_on].append((order, session, study, a))
    for rows in evidence.values():
        done = Decimal(0)
        for _, session, study, a in sorted(rows, key=lambda row: row[0]):
            status = marks[session.pk, a.owner_id].status if session else "present"
            if a.cause == AssessmentCause.WITHDRAWN:
                status = "withdrawn"
            rule = rules[a.category]
            gross = (
                session.hours
                if session
                else Decimal(study.minutes * 4 // rule.minutes_per_hour) / 4
            )
            cut = {"late": min(rule.late_deduction, gross), "present": 0}.get(status, gross)
            over = max(0, gross - cut - (cap - done))
            assert (a.gross_hours, a.own_cut, a.overlap_cut, a.cap_cut) == (gross, cut, 0, over)
            assert a.own_reason == (status if cut else OwnCut.NONE)
            assert a.cap_reason == (Cap.DAY if over else Cap.NONE)
            done += gross - cut - over
    reasons = set(Assessment.objects.values_list("own_reason", "cap_reason"))
    assert {("none", "none"), ("late", "none"), ("on_leave", "none"), ("none", "day")} <= reasons


def test_the_branch_with_demo_accounts_has_a_record_in_every_state():
    records = Study.objects.exclude(submissions=None) | Study.objects.filter(round=0)
    assert set(records.values_list("state", flat=True)) == set(StudyState)
    assert records.filter(state=StudyState.DRAFT, round=1).exists()  # returned
    [declared] = records.filter(kind=StudyKind.ONLINE_STUDY)
    assert declared.files.get().is_picture
    visits = records.filter(kind=StudyKind.OUTREACH_VISIT, state=StudyState.APPROVED)
    visited = Member.objects.filter(studies__study__in=visits)
    assert visited.exists()
    assert not visited.filter(exemptions=None).exists()


def test_entries_carry_school_and_organisation_of_the_day():
    entries = CreditEntry.objects.select_related("assessment")
    memberships = defaultdict(list)
    for row in Membership.objects.all():
        memberships[row.member_id].append(row)
    areas = dict(Placement.objects.values_list("organisation", "township__areas__school"))
    for entry in entries:
        there = [m for m in memberships[entry.member_id] if entry.occurred_on in _days(m.period)]
        assert [m.organisation_id for m in there] == [entry.organisation_id]
        assert areas[entry.organisation_id] == entry.school_id
        if entry.reverses_id is None:
            assert entry.posted_at == entry.assessment.assessed_at
            assert entry.posted_by_id == entry.assessment.assessed_by_id


class _days:
    """Membership of a day in a half-open period."""

    def __init__(self, period):
        self.period = period

    def __contains__(self, day):
        return self.period.lower <= day and (self.period.upper is None or day < self.period.upper)


def test_some_met_many_are_short_and_some_are_exempt():
    normal = Membership.objects.filter(
        in_force(ON), membership_status=MembershipStatus.NORMAL
    ).values("member")
    exempt = set(Exemption.objects.filter(in_force(ON)).values_list("member", flat=True))
    leading = Post.objects.filter(in_force(ON), kind__in=LEADING_POSTS)
    owed = dict.fromkeys(leading.values_list("member", flat=True), 56)
    done = dict(
        CreditEntry.objects.in_year(2026).values_list("member").annotate(hours=Sum("hours"))
    )
    members = [pk for (pk,) in normal.values_list("member") if pk not in exempt]
    met = sum(done.get(pk, 0) >= owed.get(pk, 32) for pk in members)
    assert 0.08 * len(members) < met < 0.5 * len(members)
    assert 0.04 * MEMBERS < len(exempt) < 0.14 * MEMBERS


def test_the_year_before_can_be_chosen():
    last = CreditEntry.objects.in_year(2025)
    assert set(last.values_list("category", flat=True)) == {"concentrated", "collective"}
    branches = Organisation.objects.filter(kind=OrganisationKind.BRANCH).count()
    assert Study.objects.filter(held_on__year=2025).count() > 1.9 * branches
    first = Study.objects.order_by("held_on").first()
    assert first.held_on >= date(2025, 10, 1)


def test_nothing_happened_after_today():
    for model, field in (
        (Study, "held_on"),
        (CreditEntry, "occurred_on"),
        (Attendance, "session__held_on"),
    ):
        assert not model.objects.filter(**{f"{field}__gte": ON}).exists()
    assert not Roll.objects.filter(submitted_at__date__gte=ON).exists()


def test_allocations_add_up_to_the_sum_of_the_source():
    assert Allocation.objects.aggregate(total=Sum("amount"))["total"] == 4_700_000
    per_school = dict(
        Allocation.objects.order_by().values_list("school").annotate(total=Sum("amount"))
    )
    assert len(set(per_school.values())) > 5
    this_year = Allocation.objects.filter(year=2026)
    assert this_year.order_by().values("school", "channel").distinct().count() == 22


def test_money_is_in_every_stage_and_its_ledger_holds():
    states = Commitment.objects.with_stages().values_list("state", flat=True)
    assert set(states) == set(CommitmentState)
    of_classes = Commitment.objects.filter(training_class__isnull=False)
    assert of_classes.values("school").distinct().count() == 11
    balances = [one for one in list_balances(FundLeg.objects.all()) if one.year == 2026]
    assert any(one.available * 20 < one.granted for one in balances)
    assert list_fund_findings() == []


def test_one_finding_of_the_special_audit_is_answered_and_one_open():
    states = AuditFinding.objects.with_state().order_by("pk").values_list("state", flat=True)
    assert list(states) == ["to_review", "to_answer"]
    audit = SpecialAudit.objects.get()
    assert dict(audit.payments.values_list("payment", "basis")) == draw_again(audit)


def test_study_was_passed_by_another_and_by_the_commissioner_where_there_is_one():
    approved = Study.objects.filter(state=StudyState.APPROVED)
    passed = StudyReview.objects.filter(verdict="passed")

    assert set(approved.values_list("pk", flat=True)) <= set(
        passed.filter(step="school").values_list("study", flat=True)
    )
    commissioner = RoleGrant.objects.get(role=Role.ORGANISATION_COMMISSIONER)
    of_school = approved.filter(
        organisation__placements__parent=commissioner.organisation, kind=StudyKind.THEMED_DAY
    )
    assert of_school.exists()
    assert passed.filter(step="community", study__in=of_school).count() == of_school.count()


def test_there_is_an_account_for_every_role(output):
    accounts = User.objects.filter(is_demo=True)
    roles = set(
        RoleGrant.objects.filter(in_force(ON), user__in=accounts).values_list("role", flat=True)
    )
    assert roles == set(Role) - DERIVED_ROLES
    assert Instructor.objects.get(user__username="lecturer").user in accounts
    assert all(user.check_password(DEMO_PASSWORD) for user in accounts)
    assert all(user.username in output for user in accounts)
    clerks = accounts.filter(role_grants__role=Role.SCHOOL_CLERK)
    assert set(clerks.values_list("username", "role_grants__school__code")) == {
        ("clerk.yangliuqing", "120111101"),
        ("clerk.jinmenhu", "120111005"),
    }
    assert RoleGrant.objects.filter(user__username="liaison").count() == 3
    others = User.objects.exclude(is_demo=True)
    assert others.filter(role_grants__role=Role.SCHOOL_CLERK).count() == 9 + 11
    assert not any(user.has_usable_password() for user in others)


def test_the_member_of_the_demo_has_24_hours_with_every_kind_of_line():
    ordinary, secretary = Member.objects.filter(user__isnull=False).order_by("user_id")
    assert ordinary.user.username == ordinary.number
    assert CreditEntry.objects.filter(member=ordinary).in_year(2026).sum_hours() == 24
    assert CreditEntry.objects.filter(member=ordinary).in_year(2025).sum_hours() > 0
    assert set(ordinary.assessments.values_list("own_reason", "cap_reason")) == {
        ("none", "none"),
        ("none", "day"),
        ("late", "none"),
        ("on_leave", "none"),
        ("absent", "none"),
    }
    assert not ordinary.posts.exists()
    assert not ordinary.exemptions.exists()
    assert ordinary.enrolments.filter(training_class__sessions__held_on__gte=ON).count() == 2
    assert secretary.posts.filter(in_force(ON), kind=PostKind.SECRETARY).exists()
    assert CreditEntry.objects.filter(member=secretary, category="concentrated").exists()


def test_the_demos_member_has_a_dispute_that_waits_and_one_that_was_answered():
    clerk = User.objects.get(username="clerk.yangliuqing")

    waiting, answered = Dispute.objects.order_by("-opened_at")
    assert {waiting.member.user.is_demo, answered.member.user.is_demo} == {True}
    assert Dispute.objects.answered_by(clerk, ON).filter(state="open").get() == waiting
    assert answered.assessment.hours == 0
    assert list(answered.entries.values_list("step", "verdict")) == [
        ("opened", ""),
        ("answered", "stands"),
    ]


def test_a_second_run_changes_nothing_even_once_people_work_with_the_demo():
    sid = transaction.savepoint_create()
    make_user("somebody.else")
    before = {
        model: model.objects.count() for model in (User, Member, CreditEntry, Dispute, AuditEntry)
    }
    for arguments in (ARGUMENTS, ["--year", "2025", "--members", "5000"]):
        printed = io.StringIO()
        call_command("seed_demo", *arguments, stdout=printed)
        assert "nothing was changed" in printed.getvalue()
        assert "clerk.yangliuqing" in printed.getvalue()
    assert before == {model: model.objects.count() for model in before}
    transaction.savepoint_rollback(sid)


def test_new_rows_find_free_numbers_after_the_demo():
    """The sequences go on behind the ids that were reserved and copied."""
    with transaction.atomic():
        newest = Member.objects.order_by("pk").last()
        number = Member(
            number="99999999",
            name="新人",
            sex="f",
            birth_date=ON - timedelta(days=9000),
            joined_on=ON,
            resident_id_fingerprint="none",
        )
        number.save()
        assert number.pk > newest.pk
        transaction.set_rollback(True)


def test_last_year_is_closed_with_a_statement_of_each_school_and_the_district():
    run = Reconciliation.objects.closed().get()
    statements = YearStatement.objects.with_state()

    assert (run.year, find_closed(2025)) == (2025, run)
    assert statements.count() == School.objects.in_force(ON).count() + 1
    assert {one.state for one in statements} == {"valid"}
    whole = statements.get(signature__school=None)
    assert whole.facts["sums"]["members"] == run.results.count()
    assert not Reconciliation.objects.filter(year=2026).exists()
