"""A special audit from its opening to its closure, and who may not take part."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from backstage.models import Message
from config.lib.periods import inclusive_period, period
from funding.actions.reversals import reverse_transaction
from funding.errors import FundError
from funding.models import (
    AnswerReview,
    AuditClosure,
    AuditedFund,
    AuditedPayment,
    AuditFinding,
    FindingAnswer,
    FundLeg,
    SpecialAudit,
)
from funding.queries.fund_check import list_fund_findings
from funding.queries.populations import draw_again
from schools.models import RoleGrant
from tests import factories
from tests.factories import DAY, NOON, START, acting, grant, make_user
from tests.funding.audit_world import DUE, LATER, AuditWorld
from tests.funding.world import DUES, FISCAL
from tests.refusals import refused
from tests.told import told as messages_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world() -> AuditWorld:
    return AuditWorld()


def kept(audit: SpecialAudit) -> dict[int, str]:
    return dict(audit.payments.values_list("payment", "basis"))


class TestOpening:
    def test_keeps_method_seed_and_population_and_draws_the_same_again(self, world):
        audit = world.open()

        assert (audit.population_size, audit.population_sum) == (5, Decimal(400))
        assert (audit.method, len(audit.seed)) == ("units", 32)
        assert kept(audit) == draw_again(audit)
        assert len(kept(audit)) == 3
        assert kept(audit)[world.paid[-1].pk] == "threshold"
        entry = AuditEntry.objects.get(act="open_audit")
        assert entry.after["seed"] == audit.seed
        assert list_fund_findings() == []

    def test_is_drawn_again_the_same_after_later_payments_and_reversals(self, world):
        audit = world.open()
        before = kept(audit)
        world.payment(300)
        reverse_transaction(
            transaction_id=world.paid[0].pk, reason="误付", by=acting(world.payer), at=NOON
        )

        assert draw_again(audit) == before
        assert list_fund_findings() == []

    def test_leaves_out_what_was_reversed_before_and_other_days_and_channels(self, world):
        reverse_transaction(
            transaction_id=world.paid[0].pk, reason="误付", by=acting(world.payer), at=NOON
        )
        assert world.open().population_size == 4

        with refused(FundError, "No payment"):
            world.open(period=inclusive_period(date(2026, 1, 1), date(2026, 3, 31)))

    def test_draws_with_a_seed_of_its_own_each_time(self, world):
        assert world.open().seed != world.open().seed

    def test_moves_no_money(self, world):
        before = FundLeg.objects.count()
        audit = world.open()
        finding = world.find(audit.payments.first())
        world.review(world.answer(finding))
        world.close(audit)

        assert FundLeg.objects.count() == before


class TestWhoAudits:
    @pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUDITOR}))
    def test_no_other_role_opens_an_audit(self, world, role):
        with refused(PermissionDenied):
            world.open(by=factories.make_department_officer())
        holders = RoleGrant.objects.filter(role=role).select_related("user")
        for held in holders:
            with refused(PermissionDenied):
                world.open(by=held.user)

    def test_only_the_money_of_the_role_is_audited(self, world):
        with refused(PermissionDenied):
            world.open(channels=(FISCAL, DUES))
        with refused(PermissionDenied):
            world.open(schools=(world.school, factories.make_school("120111102", "辛口镇")))

    @pytest.mark.parametrize("step", ["clerk", "custodian", "approver", "payer"])
    def test_nobody_audits_payments_that_they_took_a_step_of(self, world, step):
        person = getattr(world, step)
        RoleGrant.objects.filter(user=person).delete()
        grant(person, Role.AUDITOR, world.school, channel=FISCAL)

        with refused(FundError, "Nobody audits money of their own"):
            world.open(by=person)

    @pytest.mark.parametrize("step", ["clerk", "custodian", "approver", "payer"])
    def test_the_database_refuses_their_sample(self, world, step):
        audit = world.open()
        person = getattr(world, step)
        copy = {
            field.attname: getattr(audit, field.attname)
            for field in SpecialAudit._meta.concrete_fields
            if field.name not in {"id", "opened_by"}
        }
        RoleGrant.objects.filter(user=person).delete()
        own = SpecialAudit.objects.create(**copy, opened_by=person)
        AuditedFund.objects.create(audit=own, school=world.school, channel=FISCAL)
        sampled = {"payment": world.paid[0], "amount": 10, "basis": "drawn"}
        with pytest.raises(IntegrityError, match="another auditor"), transaction.atomic():
            AuditedPayment.objects.create(audit=own, **sampled)

    def test_a_custodian_of_the_audited_days_does_not_audit_the_school(self, world):
        former = make_user()
        grant(former, Role.CUSTODIAN, world.school, channel=DUES,
              period=period(START, date(2026, 2, 1)))  # fmt: skip
        grant(former, Role.AUDITOR, world.school, channel=FISCAL,
              period=period(date(2026, 2, 1)))  # fmt: skip

        with refused(FundError, "you are or were custodian"):
            world.open(by=former)
        later = inclusive_period(date(2026, 3, 1), date(2026, 6, 30))
        assert world.open(by=former, period=later).population_size == 5

    def test_who_answered_does_not_review(self, world):
        answer = world.answer(world.find(world.open().payments.first()))
        RoleGrant.objects.filter(user=world.clerk).delete()
        grant(world.clerk, Role.AUDITOR, world.school, channel=FISCAL)

        with refused(FundError, "Nobody audits money of their own"):
            world.review(answer, by=world.clerk)
        with pytest.raises(IntegrityError, match="does not review"), transaction.atomic():
            AnswerReview.objects.create(
                answer=answer,
                outcome="accepted",
                reason="可",
                reviewed_at=LATER,
                reviewed_by=world.clerk,
            )


class TestFindings:
    def test_go_from_the_finding_over_a_returned_answer_to_the_closure(self, world):
        audit = world.open()
        finding = world.find(audit.payments.first())
        with refused(FundError, "still open"):
            world.close(audit)
        world.review(world.answer(finding, text="稍后补"), "returned")
        with refused(FundError, "still open"):
            world.close(audit)
        world.review(world.answer(finding))
        closure = world.close(audit)

        assert closure.conclusion
        assert AuditFinding.objects.with_state().get().state == "settled"
        assert AnswerReview.objects.count() == 2
        acts = AuditEntry.objects.filter(object_label__gt="").order_by("pk")
        assert [act for act in acts.values_list("act", flat=True) if "fund" not in act][-7:] == [
            "open_audit",
            "raise_finding",
            "answer_finding",
            "review_answer",
            "answer_finding",
            "review_answer",
            "close_audit",
        ]

    def test_only_clerks_of_the_school_answer(self, world):
        finding = world.find(world.open().payments.first())
        elsewhere = factories.make_clerk(factories.make_school("120111102", "辛口镇"))

        for user in (elsewhere, world.auditor, world.custodian, world.officer):
            with refused(PermissionDenied):
                world.answer(finding, by=user)

    def test_only_the_newest_answer_is_reviewed_once(self, world):
        finding = world.find(world.open().payments.first())
        first, second = world.answer(finding), world.answer(finding)

        with refused(FundError, "a newer one"):
            world.review(first)
        world.review(second, "returned")
        with refused(FundError, "is reviewed"):
            world.review(second)

    def test_only_auditors_note_review_and_close(self, world):
        audit = world.open()
        finding = world.find(audit.payments.first())
        answer = world.answer(finding)
        for user in (world.clerk, world.officer, world.custodian):
            with refused(PermissionDenied):
                world.find(audit.payments.first(), by=user)
            with refused(PermissionDenied):
                world.review(answer, by=user)
            with refused(PermissionDenied):
                world.close(audit, by=user)

    def test_leave_time_for_an_answer(self, world):
        with refused(FundError, "later day") as caught:
            world.find(world.open().payments.first(), due_on=DAY)
        assert caught.value.field == "due_on"

    def test_a_settled_finding_takes_no_answer_and_a_closed_audit_no_finding(self, world):
        audit = world.open()
        finding = world.find(audit.payments.first())
        world.review(world.answer(finding))
        with refused(FundError, "settled"):
            world.answer(finding)
        world.close(audit)
        with refused(FundError, "closed"):
            world.find(audit.payments.first())
        with refused(FundError, "closed"):
            world.close(audit)

    def test_the_database_keeps_the_order(self, world):
        audit = world.open()
        sampled = audit.payments.first()
        finding = world.find(sampled)
        closure = {"conclusion": "完", "closed_at": LATER, "closed_by": world.auditor}
        with pytest.raises(IntegrityError, match="open finding"), transaction.atomic():
            AuditClosure.objects.create(audit=audit, **closure)
        world.review(world.answer(finding))
        with pytest.raises(IntegrityError, match="is settled"), transaction.atomic():
            FindingAnswer.objects.create(
                finding=finding, text="再答", answered_at=LATER, answered_by=world.clerk
            )
        world.close(audit)
        with pytest.raises(IntegrityError, match="is closed"), transaction.atomic():
            AuditFinding.objects.create(
                audited_payment=sampled,
                text="迟到的问题",
                severity="note",
                due_on=DUE,
                raised_at=NOON,
                raised_by=world.auditor,
            )

    def test_tell_the_clerks_and_an_answer_tells_the_auditor(self, world):
        second = factories.make_clerk(world.school)
        finding = world.find(world.open().payments.first())
        told = Message.objects.filter(kind="audit_finding")
        assert {one.recipient for one in told} == {world.clerk, second}

        world.answer(finding)
        (told,) = Message.objects.filter(kind="finding_answer")
        assert told.recipient == world.auditor

    def test_tell_the_clerks_of_a_return_and_not_of_an_acceptance(self, world):
        finding = world.find(world.open().payments.first())
        world.review(world.answer(finding), "returned")
        world.review(world.answer(finding, text="再答"))

        (returned,) = Message.objects.filter(kind="answer_returned")
        assert returned.recipient == world.clerk
        title, _text = messages_of(world.clerk)[-1]
        assert title == "The auditor returned an answer to a finding"
