"""Vouchers: the clerk uploads and withdraws them, and a payment keeps what it relied on.

A class is taught once, so its lecturer is paid once, however many schools joined it: no credit hour
of a lecturer in a class is asked for twice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import cast

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.audit import record_act
from accounts.origin import Actor, person_of
from backstage.enums import FileKind
from backstage.evidence_files import copy_evidence, name_file, store_evidence
from backstage.files import FileError
from config.lib.dates import format_day
from config.lib.hours import format_hours
from config.lib.lock_classes import LockClass
from config.lib.periods import local_date
from funding.actions.ledger import funds_of_cost, lock_funds, sum_stages
from funding.amounts import ZERO
from funding.enums import FundUse, Stage, VoucherKind
from funding.errors import FundError
from funding.models import (
    Commitment,
    FundTransaction,
    PaymentVoucher,
    Voucher,
    VoucherWithdrawal,
)
from funding.permissions import asks_for_money
from funding.queries.vouchers import (
    ChecklistLine,
    count_hours_left,
    digest_of_portal,
    is_of_portal,
    list_checklist,
    list_standing,
    needs,
)
from instructors.models import Instructor


def add_voucher(
    *,
    commitment_id: int,
    kind: str,
    data: bytes,
    name: str,
    by: Actor,
    at: datetime,
    invoice_number: str = "",
) -> Voucher:
    """Store an uploaded voucher of a cost that is not settled.

    Raises PermissionDenied, and FundError at its field: a file that is too large, of another type,
    or there already; an ID number in its name; a kind that this cost does not need or that the
    portal has itself; a receipt whose file or `invoice_number` stands at another cost.
    """
    with transaction.atomic():
        commitment = _lock(commitment_id, by, at)
        stages = sum_stages(commitment)
        if not stages.get(Stage.COMMITTED) and not stages.get(Stage.APPROVED):
            raise FundError(_("This cost is settled: nothing is paid from it any more."))
        _require_kind(commitment, kind, local_date(at))
        label = VoucherKind(kind).label
        digest = sha256(data).hexdigest()
        if list_standing(commitment).filter(kind=kind, digest=digest).exists():
            raise FundError(_("This file is there already."), "upload")
        number = "".join(invoice_number.split()).upper() if kind == VoucherKind.RECEIPT else ""
        if kind == VoucherKind.RECEIPT:
            _require_new_receipt(commitment, digest, number)
        try:
            copy = copy_evidence(FileKind.SHEET, data, name)
            ending = copy.name.rpartition(".")[2]
            named = replace(copy, name=name_file(label, data, ending))
            file = store_evidence(named, owner=person_of(by), at=at)
        except FileError as error:
            raise FundError(str(error), "upload") from error
        voucher = Voucher.objects.create(
            commitment=commitment,
            kind=kind,
            file=file,
            digest=digest,
            invoice_number=number,
            added_at=at,
            added_by=person_of(by),
        )
        _record("add_voucher", voucher, by, at)
    return voucher


def withdraw_voucher(*, voucher_id: int, reason: str, by: Actor, at: datetime) -> VoucherWithdrawal:
    """Let a voucher count no more; its file stays. Refused once a payment relied on it.

    Raises PermissionDenied and FundError.
    """
    with transaction.atomic():
        voucher = Voucher.objects.select_related("file").get(pk=voucher_id)
        voucher.commitment = _lock(voucher.commitment_id, by, at)
        if VoucherWithdrawal.objects.filter(voucher=voucher).exists():
            raise FundError(_("This voucher is withdrawn already."))
        if voucher.payments.exists():
            raise FundError(_("A payment relied on this voucher, so it stays."))
        if not reason.strip():
            raise FundError(_("Say why it is withdrawn."), "reason")
        withdrawal = VoucherWithdrawal.objects.create(
            voucher=voucher, reason=reason.strip(), withdrawn_at=at, withdrawn_by=person_of(by)
        )
        _record("withdraw_voucher", voucher, by, at, reason=reason.strip())
    return withdrawal


def require_vouchers(commitment: Commitment, on: date) -> list[ChecklistLine]:
    """The checklist of a payment, complete. Raises FundError, which names what is missing."""
    checklist = list_checklist(commitment, on)
    gaps = [
        _("%(voucher)s (%(why)s)") % {"voucher": line.name, "why": line.missing}
        for line in checklist
        if not line.is_there
    ]
    if gaps:
        raise FundError(
            _("Nothing is paid while vouchers are missing: %(gaps)s.")
            % {"gaps": pgettext("between items", "; ").join(gaps)}
        )
    return checklist


def freeze_vouchers(payment: FundTransaction, checklist: list[ChecklistLine]) -> None:
    """Keep with a payment what it relied on, each with its digest."""
    commitment = cast(Commitment, payment.commitment)
    PaymentVoucher.objects.bulk_create(
        PaymentVoucher(payment=payment, kind=line.kind, voucher=voucher, digest=digest)
        for line in checklist
        for voucher, digest in (
            [(None, digest_of_portal(line.kind, commitment))]
            if line.is_of_portal
            else [(proof.voucher, proof.voucher.digest) for proof in line.proofs if proof.voucher]
        )
    )


def require_hours_asked_once(asked: Commitment, on: date) -> None:
    """Refuse a lecturer fee for hours that are not taught in the class, or asked for already.

    From the day that a fee needs a fee sheet, which is of a class of the school. Raises FundError.
    """
    if asked.use != FundUse.LECTURER_FEE or not needs(asked.use, VoucherKind.FEE_SHEET, on):
        return
    if asked.training_class is None:
        raise FundError(_("Name the class of the fee: the fee sheet is of it."), "training_class")
    if asked.training_class.school_id != asked.school_id:
        raise FundError(
            _("The school that holds the class pays its lecturer, once for all who joined."),
            "training_class",
        )
    # The rule of the fee was found, so it names its lecturer and hours.
    lecturer, hours = cast(Instructor, asked.instructor), cast(Decimal, asked.fee_hours)
    left = count_hours_left(asked.training_class, lecturer)
    if hours > left:
        raise FundError(
            _(
                "At most %(left)s hours: what this lecturer teaches in the class and is paid for "
                "in a half day, less what is asked for already."
            )
            % {"left": format_hours(max(left, ZERO))},
            "fee_hours",
        )


def _lock(commitment_id: int, by: Actor, at: datetime) -> Commitment:
    """The commitment, under the lock of its fund, for the school's clerk."""
    commitment = Commitment.objects.select_related("school", "training_class").get(pk=commitment_id)
    lock_funds(funds_of_cost(commitment))
    if not asks_for_money(person_of(by), commitment.school_id, local_date(at)):
        raise PermissionDenied
    return commitment


def _require_new_receipt(commitment: Commitment, digest: str, number: str) -> None:
    """Refuse a receipt that stands at another cost; of other schools only that it does is told."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [LockClass.RECEIPTS])
    others = Voucher.objects.filter(kind=VoucherKind.RECEIPT, withdrawal=None)
    others = others.exclude(commitment=commitment).select_related("commitment")
    for field, same in {
        "upload": others.filter(digest=digest),
        "invoice_number": others.exclude(invoice_number="").filter(invoice_number=number),
    }.items():
        other = same.first()
        if other is None:
            continue
        if other.commitment.school_id == commitment.school_id:
            text = _("This receipt proves another cost already: %(cost)s, asked for on %(day)s.")
            day = format_day(local_date(other.commitment.requested_at))
            raise FundError(text % {"cost": other.commitment.subject, "day": day}, field)
        raise FundError(_("This receipt proves a cost of another school already."), field)


def _require_kind(commitment: Commitment, kind: str, on: date) -> None:
    if not needs(commitment.use, kind, on) or is_of_portal(kind, commitment):
        raise FundError(_("Nobody uploads this kind of voucher for this cost."), "kind")


def _record(act: str, voucher: Voucher, by: Actor, at: datetime, **facts: str) -> None:
    common = {"voucher": voucher.kind, "file": str(voucher.file.key)}
    record_act(
        act=act,
        obj=voucher.commitment,
        by=by,
        at=at,
        after=common | facts,
        school_code=voucher.commitment.school.code,
    )
