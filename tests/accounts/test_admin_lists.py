"""A list costs the same number of queries for 1 row, for a full page and for more than a page.

Pages are short here, as making a row takes longer than listing it.
"""

from __future__ import annotations

import uuid
from datetime import date, time, timedelta
from itertools import count

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.admin_base import KeysFirstPaginator
from accounts.enums import Role
from accounts.models import (
    ActivationCode,
    NoticeReading,
    PrivacyNotice,
    SlipBatch,
    User,
    WrongCode,
)
from backstage.models import Delivery, IdempotencyKey, Job, JobPart, Message, PendingAct, StoredFile
from classes.models import Enrolment, RatingRule, Roll, WaitingListEntry
from config.lib.periods import at_local, inclusive_period, period
from courses.models import (
    Course,
    Module,
    PresetSession,
    Programme,
    Session,
    StrandShare,
    TrainingClass,
    Venue,
)
from dispatch.models import BookingRule
from funding.models import (
    Allocation,
    CostRate,
    FeeRule,
    LimitRule,
    UseRule,
    VoucherRule,
    WeightRule,
)
from hours.models import (
    Assessment,
    CreditEntry,
    CreditRule,
    CreditStep,
    Dispute,
    DisputeEntry,
    LedgerCheck,
    RequirementRule,
)
from instructors.models import AppointmentLetter, Instructor, LetterRule
from quotas.models import WarningRule
from rolls.models import (
    Attendance,
    AttendanceCorrection,
    DoorRule,
    MarkDismissal,
    MarkReceipt,
    RollReopening,
)
from schools.models import (
    District,
    Organisation,
    School,
    SchoolArea,
    Township,
    Village,
    YearEndRule,
    YearLock,
)
from studies.models import Study, StudyParticipantCorrection, StudyReview, StudySubmission
from tests import factories
from tests.admin_pages import make_officer, page_url, signed_in
from tests.factories import DAY, NOON, START
from trainees.models import Post, RegisterHeader

# Session, person, roles, count and rows; the keys of a page; filters and the date drill-down.
MOST_QUERIES = 11
PAGE = 8

# Rules that are open now end where the rules of this test begin.
NEW_RULES = date(2100, 1, 1)
OLD_RULES = period(date(2030, 1, 1), NEW_RULES)

numbers = count(1)


class Maker:
    """Makes one more row of a model, each with objects of its own to refer to."""

    def __init__(self) -> None:
        self.world = factories.ClassWorld(1)
        self.user = self.world.clerk

    def __call__(self, model):
        # `user` is the actor, so accounts are made by `user_`.
        return getattr(self, "user_" if model is User else model._meta.model_name)()

    def day(self, n):
        return NEW_RULES + timedelta(days=n)

    def user_(self):
        n = next(numbers)
        return factories.make_user(phone=f"138{n:08}")

    def job(self):
        return Job.objects.create(kind="x", asked_at=NOON, asked_by=factories.make_user())

    def jobpart(self):
        return JobPart.objects.create(job=self.job(), key="1", label="x")

    def delivery(self):
        message = Message.objects.create(
            recipient=factories.make_user(), kind="x", address="/", once="1", written_at=NOON
        )
        return Delivery.objects.create(message=message, channel="email", due_at=NOON)

    def pendingact(self):
        return PendingAct.objects.create(
            kind="slip",
            account=factories.make_user(),
            proposed_at=NOON,
            proposed_by=factories.make_user(),
        )

    def storedfile(self):
        return StoredFile.objects.create(
            key=uuid.uuid4(),
            name="x",
            media_type="text/csv",
            size=1,
            owner=factories.make_user(),
            created_at=NOON,
            expires_at=NOON + timedelta(days=1),
        )

    def registerheader(self):
        return RegisterHeader.objects.create(text=str(uuid.uuid4()), field="name")

    def idempotencykey(self):
        return IdempotencyKey.objects.create(
            key=uuid.uuid4(),
            user=factories.make_user(),
            act="x",
            body_hash="0",
            location="/",
            created_at=NOON,
        )

    def slipbatch(self):
        return SlipBatch.objects.create(
            key=uuid.uuid4(), issued_at=NOON, issued_by=factories.make_user()
        )

    def activationcode(self):
        return ActivationCode.objects.create(
            user=factories.make_user(),
            batch=self.slipbatch(),
            code_fingerprint="0",
            expires_at=NOON,
        )

    def wrongcode(self):
        return WrongCode.objects.create(address="127.0.0.1", at=NOON)

    def privacynotice(self):
        n = next(numbers)
        return PrivacyNotice.objects.create(
            version=n + 1, text_chinese="x", text_english="x", published_on=DAY
        )

    def noticereading(self):
        user = factories.make_user(has_read=False)
        notice = PrivacyNotice.objects.get(version=1)
        return NoticeReading.objects.create(user=user, notice=notice, read_at=NOON)

    def township(self):
        n = next(numbers)
        return Township.objects.create(code=f"{n:09}", name=f"T{n}")

    def village(self):
        n = next(numbers)
        return Village.objects.create(code=f"{n:012}", name=f"V{n}", township=self.township())

    def school(self):
        n = next(numbers)
        return School.objects.create(code=f"{n:09}", name=f"S{n}", period=period(START))

    def schoolarea(self):
        return SchoolArea.objects.create(
            school=self.school(), township=self.township(), period=period(START)
        )

    def organisation(self):
        n = next(numbers)
        branch = Organisation(code=f"9{n:010}", name=f"O{n}", kind="branch", period=period(START))
        return factories.place_organisation(branch, self.world.organisation, self.township())

    def rolegrant(self):
        return factories.grant(factories.make_user(), Role.SCHOOL_CLERK, self.school())

    def instructor(self):
        n = next(numbers)
        return Instructor.objects.create(
            name=f"I{n}", corps="backbone", employer="x", nominated_by=self.school()
        )

    def appointmentletter(self):
        n = next(numbers)
        return AppointmentLetter.objects.create(
            number=f"L{n}", instructor=self.instructor(), period=period(START), signed_on=START
        )

    def letterrule(self):
        first = date(2018 - LetterRule.objects.count(), 1, 1)
        return LetterRule.objects.create(
            number_form="{year}-{serial}",
            term_years=3,
            warning_days=60,
            source="x",
            period=period(first, first.replace(year=first.year + 1)),
        )

    def module(self):
        n = next(numbers)
        return Module.objects.create(code=f"M{n}", name=f"M{n}")

    def strandshare(self):
        return StrandShare.objects.create(
            module=self.module(), strand="theory", percent=40, period=period(START)
        )

    def doorrule(self):
        first = date(2018 - DoorRule.objects.count(), 1, 1)
        return DoorRule.objects.create(
            opens_before=60,
            present_until=10,
            closes_after=60,
            source="x",
            period=period(first, first.replace(year=first.year + 1)),
        )

    def yearendrule(self):
        first = date(2018 - YearEndRule.objects.count(), 1, 1)
        return YearEndRule.objects.create(
            days=31, source="x", period=period(first, first.replace(year=first.year + 1))
        )

    def yearlock(self):
        year = 2019 + YearLock.objects.count()
        return YearLock.objects.create(
            year=year,
            revision=1,
            locked_at=at_local(date(year + 1, 1, 9), 9),
            locked_by=factories.make_user(),
        )

    def ratingrule(self):
        first = date(2018 - RatingRule.objects.count(), 1, 1)
        return RatingRule.objects.create(
            days=14, source="x", period=period(first, first.replace(year=first.year + 1))
        )

    def warningrule(self):
        first = date(2018 - WarningRule.objects.count(), 1, 1)
        return WarningRule.objects.create(
            members_from_month=10,
            schools_from_month=9,
            tolerance=10,
            source="x",
            period=period(first, first.replace(year=first.year + 1)),
        )

    def bookingrule(self):
        first = date(2018 - BookingRule.objects.count(), 1, 1)
        return BookingRule.objects.create(
            lead_days=14,
            answer_days=3,
            confirm_days=3,
            evaluate_days=14,
            half_day_hours=4,
            month_hours=24,
            year_hours=120,
            travel_minutes=60,
            source="x",
            period=period(first, first.replace(year=first.year + 1)),
        )

    def programme(self):
        return Programme.objects.create(
            kind="campaign", name=f"P{next(numbers)}", period=period(START)
        )

    def presetsession(self):
        number = 100 + next(numbers)  # the migration's own begin with 1
        return PresetSession.objects.create(
            preset="pack", number=number, day=1, starts=time(8, 30), minutes=60, hours=1
        )

    def course(self):
        n = next(numbers)
        return Course.objects.create(
            code=f"C{n}", title=f"C{n}", module=self.module(), strand="theory", hours=4
        )

    def venue(self):
        n = next(numbers)
        return Venue.objects.create(
            school=self.school(), name=f"V{n}", capacity=30, period=period(START)
        )

    def trainingclass(self):
        n = next(numbers)
        return TrainingClass.objects.create(
            code=f"K{n}",
            title=f"K{n}",
            school=self.school(),
            module=self.module(),
            format="pack",
            audience="ordinary",
        )

    def session(self):
        n = next(numbers)
        return Session.objects.create(
            training_class=self.trainingclass(),
            number=1,
            course=self.course(),
            instructor=self.instructor(),
            venue=self.venue(),
            starts_at=at_local(self.day(n), 9),
            ends_at=at_local(self.day(n), 12),
            held_on=self.day(n),
            hours=4,
        )

    def member(self):
        n = next(numbers)
        return factories.make_member(self.organisation(), f"张{n}")

    def membership(self):
        return self.member().memberships.get()

    def post(self):
        member = self.member()
        return Post.objects.create(
            member=member,
            organisation=member.memberships.get().organisation,
            kind="secretary",
            period=period(START),
        )

    def exemption(self):
        return factories.exempt(self.member())

    def requirementrule(self):
        RequirementRule.objects.filter(period__endswith__isnull=True).update(period=OLD_RULES)
        n = next(numbers)
        day = self.day(n)
        return RequirementRule.objects.create(
            group="leading_post",
            version=100 + n,
            hours=8,
            source="x",
            period=inclusive_period(day, day),
        )

    def creditrule(self):
        CreditRule.objects.filter(period__endswith__isnull=True).update(period=OLD_RULES)
        n = next(numbers)
        day = self.day(n)
        return CreditRule.objects.create(
            category="collective",
            version=100 + n,
            daily_cap=8,
            late_deduction=0,
            source="x",
            period=inclusive_period(day, day),
        )

    def enrolment(self):
        member = self.member()
        return Enrolment.objects.create(
            training_class=self.trainingclass(),
            member=member,
            organisation=member.memberships.get().organisation,
        )

    def waitinglistentry(self):
        return WaitingListEntry.objects.create(
            training_class=self.trainingclass(), member=self.member(), since=NOON
        )

    def roll(self):
        return Roll.objects.create(
            session=self.session(),
            state="submitted",
            submitted_at=NOON,
            submitted_by=factories.make_user(),
            source=self.source(),
        )

    def source(self):
        return factories.make_source(key=next(numbers))

    def attendance(self):
        member = self.member()
        return Attendance.objects.create(
            session=self.session(),
            member=member,
            organisation=member.memberships.get().organisation,
            status="present",
            marked_at=NOON,
            marked_by=factories.make_user(),
        )

    def attendancecorrection(self):
        return AttendanceCorrection.objects.create(
            attendance=self.attendance(),
            version=1,
            old_status="absent",
            new_status="present",
            reason="x",
            corrected_at=NOON,
            corrected_by=factories.make_user(),
        )

    def rollreopening(self):
        return RollReopening.objects.create(
            roll=self.roll(), reason="点错一人", asked_at=NOON, asked_by=factories.make_user()
        )

    def markreceipt(self):
        return MarkReceipt.objects.create(
            session=self.session(),
            key=uuid.uuid4(),
            member=self.member(),
            status="present",
            device_at=NOON,
            received_at=NOON,
            received_from=factories.make_user(),
            outcome="applied",
        )

    def markdismissal(self):
        return MarkDismissal.objects.create(
            receipt=self.markreceipt(),
            reason="x",
            dismissed_at=NOON,
            dismissed_by=factories.make_user(),
        )

    def study(self):
        return Study.objects.create(
            organisation=self.organisation(),
            kind="themed_day",
            topic="x",
            place="x",
            held_on=DAY,
            minutes=60,
            recorded_at=NOON,
            recorded_by=factories.make_user(),
        )

    def studyreview(self):
        study = self.study()
        return StudyReview.objects.create(
            study=study,
            round=1,
            step="school",
            verdict="passed",
            recorded_by=study.recorded_by,
            reviewed_at=NOON,
            reviewed_by=factories.make_user(),
        )

    def dispute(self):
        return Dispute.objects.create(
            member=self.member(),
            missing="x",
            occurred_on=DAY,
            school=self.school(),
            opened_at=NOON,
        )

    def disputeentry(self):
        return DisputeEntry.objects.create(
            dispute=self.dispute(),
            step="opened",
            text="x",
            written_at=NOON,
            written_by=factories.make_user(),
        )

    def studysubmission(self):
        return StudySubmission.objects.create(
            study=self.study(), round=1, submitted_at=NOON, submitted_by=factories.make_user()
        )

    def studyparticipantcorrection(self):
        study = self.study()
        return StudyParticipantCorrection.objects.create(
            study=study,
            version=1,
            member=self.member(),
            organisation=study.organisation,
            change="added",
            reason="x",
            recorded_by=study.recorded_by,
            corrected_at=NOON,
            corrected_by=factories.make_user(),
        )

    def creditstep(self):
        return CreditStep.objects.create(
            rule=CreditRule.objects.get(category="outside"), from_minutes=next(numbers), hours=1
        )

    def assessment(self):
        member = self.member()
        return Assessment.objects.create(
            member=member,
            source=self.source(),
            owner=member,
            organisation=member.memberships.get().organisation,
            school=self.school(),
            version=1,
            credit_year=2026,
            occurred_on=DAY,
            category="concentrated",
            gross_hours=4,
            rule=CreditRule.objects.get(category="concentrated"),
            assessed_at=NOON,
            assessed_by=factories.make_user(),
        )

    def creditentry(self):
        n = next(numbers)
        assessment = self.assessment()
        return CreditEntry.objects.create(
            member=assessment.member,
            school=self.school(),
            organisation=assessment.organisation,
            credit_year=2026,
            category="concentrated",
            occurred_on=DAY,
            hours=4,
            assessment=assessment,
            source_key=f"test:{n}",
            posted_at=NOON,
            posted_by=factories.make_user(),
        )

    def ledgercheck(self):
        n = next(numbers)
        return LedgerCheck.objects.create(
            checked_at=NOON, entries=n, assessments=n, findings=0, details={}
        )

    def _before(self, model):
        """A year before all rules of the kind."""
        first = date(2018 - model.objects.count(), 1, 1)
        return period(first, first.replace(year=first.year + 1))

    def userule(self):
        return UseRule.objects.create(
            channel="dues", use="meals", source="x", period=self._before(UseRule)
        )

    def feerule(self):
        return FeeRule.objects.create(
            title="none", ceiling=500, source="x", period=self._before(FeeRule)
        )

    def costrate(self):
        return CostRate.objects.create(
            use="meals", channel="dues", amount=20, source="x", period=self._before(CostRate)
        )

    def limitrule(self):
        return LimitRule.objects.create(
            kind="person_day", most=500, source="x", period=self._before(LimitRule)
        )

    def weightrule(self):
        weights = {"base": 1, "per_venue": 0, "per_member": 0, "per_hour": 0, "source": "x"}
        return WeightRule.objects.create(
            channel="dues",
            purpose="training",
            period=self._before(WeightRule),
            **weights,
        )

    def voucherrule(self):
        return VoucherRule.objects.create(
            use="meals", kind="receipt", source="x", period=self._before(VoucherRule)
        )

    def allocation(self):
        n = next(numbers)
        return Allocation.objects.create(
            school=self.school(), year=2026, channel="fiscal", amount=100, document=f"D{n}"
        )


MODELS = sorted(
    (model for model in admin.site._registry if model is not District),
    key=lambda model: model._meta.label,
)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_a_list_costs_the_same_for_one_row_and_for_two_pages(db, monkeypatch, model):
    make = Maker()
    model_admin = admin.site.get_model_admin(model)
    monkeypatch.setattr(model_admin, "list_per_page", PAGE)
    role = min(model_admin.view_roles | model_admin.change_roles)
    client = signed_in(make_officer(role))
    url = page_url(model, "changelist")
    costs = {}

    for size in (1, PAGE, 2 * PAGE):
        # What the test itself needed counts as rows too, so that each size is at least reached.
        for _ in range(size - min(size, model._default_manager.count())):
            make(model)
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        costs[size] = len(queries)

    paged = int(model_admin.paginator is KeysFirstPaginator)
    assert costs[PAGE] - costs[1] <= paged
    assert costs[2 * PAGE] - costs[1] <= paged
    assert costs[2 * PAGE] <= MOST_QUERIES
