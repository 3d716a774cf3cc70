"""Rows of append-only tables cannot be changed by any database role."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, connection, transaction

from accounts.models import (
    AuditEntry,
    NoticeReading,
    Seal,
    SignedAct,
)
from classes.models import SupervisionNote
from config.lib.append_only import append_only_models
from config.lib.database_roles import as_owner, has_two_roles
from config.lib.versions import versioned_models
from dispatch.models import BookingStep, EngagementOverride, PlanLine
from funding.models import (
    Allocation,
    AuditClosure,
    ExceptionDecision,
    PaymentVoucher,
    Voucher,
    VoucherWithdrawal,
)
from hours.models import CreditEntry, DisputeEntry, LedgerCheck
from instructors.models import IssuedLetter
from quotas.models import DeliveredSession, ShortfallWarning, YearAdjustment
from rolls.models import AttendanceCorrection, MarkDismissal
from schools.models import (
    GuidanceNote,
)
from studies.models import StudyParticipantCorrection, StudyReview, StudySubmission
from tests.constraints.rows import (
    VALID,
    World,
    correction,
    entry,
    guidance_note,
    participant_correction,
    review,
    said,
)
from tests.factories import NOON
from years.models import DocumentRevocation


def make_append_only_rows() -> None:
    """Create at least one row in every append-only table."""
    world = World()
    CreditEntry.objects.create(**entry(world))
    AttendanceCorrection.objects.create(**correction(world))
    AuditEntry.objects.create(**VALID[AuditEntry](world))
    GuidanceNote.objects.create(**guidance_note(world))
    NoticeReading.objects.create(**VALID[NoticeReading](world))
    StudyReview.objects.create(**review(world))
    DocumentRevocation.objects.create(**VALID[DocumentRevocation](world))
    IssuedLetter.objects.create(**VALID[IssuedLetter](world) | {"file": world.other_file})
    DisputeEntry.objects.create(**said(world))
    LedgerCheck.objects.create(checked_at=NOON, entries=1, assessments=1, findings=0, details={})
    StudySubmission.objects.create(**VALID[StudySubmission](world))
    StudyParticipantCorrection.objects.create(**participant_correction(world))
    MarkDismissal.objects.create(**VALID[MarkDismissal](world))
    SupervisionNote.objects.create(**VALID[SupervisionNote](world))
    SignedAct.objects.create(**VALID[SignedAct](world))
    Seal.objects.create(**VALID[Seal](world))
    BookingStep.objects.create(**VALID[BookingStep](world))
    EngagementOverride.objects.create(**VALID[EngagementOverride](world))
    PlanLine.objects.create(**VALID[PlanLine](world))
    ShortfallWarning.objects.create(**VALID[ShortfallWarning](world))
    YearAdjustment.objects.create(**VALID[YearAdjustment](world))
    DeliveredSession.objects.create(**VALID[DeliveredSession](world))
    Allocation.objects.create(**VALID[Allocation](world))
    assert world.settled_review, "with the check and the payment that it is about"
    AuditClosure.objects.create(**VALID[AuditClosure](world))
    assert world.fund_commitment_posted.legs.exists()
    PaymentVoucher.objects.create(**VALID[PaymentVoucher](world))
    assert world.delivered_cause
    ExceptionDecision.objects.create(**VALID[ExceptionDecision](world))
    other = VALID[Voucher](world)
    withdrawn = VALID[VoucherWithdrawal](world) | {"voucher": Voucher.objects.create(**other)}
    VoucherWithdrawal.objects.create(**withdrawn)


def answers_to_changes(table: str) -> dict[str, str]:
    """The database's answer to each kind of change of `table`; all changes are rolled back."""
    key = KEYS[table]
    statements = {
        "UPDATE": f"UPDATE {table} SET {key} = {key}",
        "DELETE": f"DELETE FROM {table}",
        "TRUNCATE": f"TRUNCATE {table} CASCADE",
    }
    answers = {}
    for word, statement in statements.items():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
                answers[word] = "done"
                transaction.set_rollback(True)
        except (IntegrityError, InternalError, ProgrammingError) as error:
            answers[word] = str(error).partition("\n")[0]
    return answers


KEYS = {model._meta.db_table: model._meta.pk.column for model in append_only_models()}
TABLES = sorted(KEYS)


@pytest.mark.django_db
def test_the_application_may_not_change_append_only_rows():
    make_append_only_rows()

    for table in TABLES:
        assert answers_to_changes(table) == dict.fromkeys(
            ("UPDATE", "DELETE", "TRUNCATE"), f"permission denied for table {table}"
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
def test_nor_may_their_owner():
    make_append_only_rows()

    with as_owner():
        for table in TABLES:
            assert answers_to_changes(table) == {
                word: f"{word} on {table} is refused: its rows are append-only"
                for word in ("UPDATE", "DELETE", "TRUNCATE")
            }


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
def test_the_refusal_counts_as_a_broken_constraint_and_not_as_a_fault():
    make_append_only_rows()

    with as_owner(), pytest.raises(IntegrityError) as caught, connection.cursor() as cursor:
        cursor.execute("DELETE FROM hours_creditentry")

    assert caught.value.__cause__.pgcode == "23000"


APPEND_ONLY = [model._meta.db_table for model in append_only_models()]
APPEND_ONLY += [model.past_table() for model in versioned_models()]


@pytest.mark.django_db
class TestTheirTwoWalls:
    @pytest.mark.parametrize("table", APPEND_ONLY)
    def test_the_applications_role_may_only_append(self, table):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT array_agg(p ORDER BY p) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', "
                "'DELETE', 'TRUNCATE']) p WHERE has_table_privilege(%s, p)",
                [table],
            )
            assert cursor.fetchone()[0] == ["INSERT", "SELECT"]

    @pytest.mark.parametrize("table", APPEND_ONLY)
    def test_triggers_guard_them_against_any_other_role(self, table):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
                [table],
            )
            names = {name for (name,) in cursor.fetchall()}
        assert {f"{table}_append_only", f"{table}_no_truncate"} <= names

    def test_ledger_and_trail_are_among_them(self):
        labels = {model._meta.label for model in append_only_models()}
        assert {
            "hours.CreditEntry",
            "hours.Assessment",
            "rolls.AttendanceCorrection",
            "accounts.AuditEntry",
        } <= labels
