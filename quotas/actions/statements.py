"""Statements of a reconciled year: signed, countersigned and issued; the last one closes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.codes import OF_DOCUMENT, draw_code
from accounts.interests import own_accounts, own_rows
from accounts.models import Seal, User
from accounts.origin import Actor, person_of
from backstage.exports import MEDIA_TYPE as XLSX
from backstage.files import FileError, store_file
from backstage.models import StoredFile
from backstage.papers import fingerprint_document_code, hash_paper, make_paper, read_paper
from config.lib.documents import DocumentError
from config.lib.lock_classes import LockClass
from config.lib.periods import local_date
from hours.models import CreditEntry
from quotas.enums import ReconciliationState
from quotas.errors import StatementError
from quotas.models import Reconciliation, StatementSignature, YearStatement
from quotas.permissions import countersigns, signs_results, speaks_for
from quotas.queries.signing import hash_signed, is_as_signed
from quotas.queries.statements import list_claimed, revision_of, state_facts
from quotas.statements import TEMPLATE, Stamp, digest_of, is_intact, write_paper, write_sheet


@dataclass(frozen=True)
class Issuing:
    """Who countersigns when, and where the paper is checked."""

    by: Actor
    at: datetime
    check_address: str


def sign_results(
    *, reconciliation_id: int, school_id: int | None, by: Actor, at: datetime
) -> StatementSignature:
    """Sign what a final reconciliation found of a school, or with None of the whole district.

    A leader of the school signs; for the district the district Party school does, once all schools
    are countersigned. Raises PermissionDenied, and StatementError if there is nothing to sign, it
    is signed, or the person posted hours of that year to themselves.
    """
    user = person_of(by)
    if not signs_results(user, school_id, local_date(at)):
        raise PermissionDenied
    with transaction.atomic():
        run = _lock_run(reconciliation_id)
        _refuse_served(user, run.year)
        if not run.parts.filter(school=school_id).exists():
            raise StatementError(_("This reconciliation has no results of this school."))
        if school_id is None and run.pk not in _closed(run):
            raise StatementError(_("The statements of all schools come first."))
        signed_hash = hash_signed(run, school_id, list_claimed(run, school_id, at))
        try:
            with transaction.atomic():
                signature = StatementSignature.objects.create(
                    reconciliation=run,
                    school_id=school_id,
                    signed_at=at,
                    signed_by=user,
                    signed_hash=signed_hash,
                )
        except IntegrityError as error:
            raise StatementError(_("These results are signed already.")) from error
        record_act(
            act="sign_results",
            obj=run,
            by=by,
            at=at,
            after={"year": run.year, "signed_hash": signed_hash},
            school_code=signature.school.code if signature.school else "",
        )
    return signature


def countersign_statement(*, signature_id: int, issuing: Issuing) -> YearStatement:
    """Countersign what a school signed, and issue its statement: number, PDF, XLSX, digest.

    An officer of the organisation department does, who is not the person that signed, nor clerk or
    leader of the school, under any of their accounts, and of a school not one of the members whose
    results stand in it. Raises PermissionDenied and StatementError. With the last school's
    statement the year is closed.
    """
    user, at = person_of(issuing.by), issuing.at
    if not countersigns(user):
        raise PermissionDenied
    with transaction.atomic():
        signature = _lock_to_countersign(signature_id, user, at)
        run = signature.reconciliation
        statement = _issue(signature, user, issuing)
        code = signature.school.code if signature.school else ""
        after = {"number": statement.number, "year": run.year, "revision": statement.revision}
        record_act(
            act="countersign_statement",
            obj=statement,
            by=issuing.by,
            at=at,
            after=after | {"pdf_hash": statement.pdf_hash, "sheet_hash": statement.sheet_hash},
            school_code=code,
        )
        if signature.school_id and run.pk in _closed(run):
            record_act(act="close_year", obj=run, by=issuing.by, at=at, after={"year": run.year})
    return statement


def check_countersignature(*, signature_id: int, by: Actor, at: datetime) -> None:
    """Raise what `countersign_statement` would; writes nothing, so no files are made for a look."""
    user = person_of(by)
    if not countersigns(user):
        raise PermissionDenied
    with transaction.atomic():
        _lock_to_countersign(signature_id, user, at)


def open_statement(statement: YearStatement, *, as_sheet: bool = False) -> bytes:
    """PDF or XLSX as issued. Raises StatementError if it is gone, or not what was issued."""
    file = statement.sheet if as_sheet else statement.pdf
    file_hash = statement.sheet_hash if as_sheet else statement.pdf_hash
    try:
        return read_paper(file, file_hash, is_intact=is_intact(statement))
    except FileError as error:
        raise StatementError(str(error)) from error


def _lock_run(reconciliation_id: int) -> Reconciliation:
    """The final reconciliation, locked, if it is computed and its year locked."""
    rows = Reconciliation.objects.select_related("lock")
    run = rows.select_for_update(of=("self",)).get(pk=reconciliation_id)
    is_held = run.lock is not None and run.lock.released_at is None
    if run.state != ReconciliationState.COMPUTED or not is_held:
        raise StatementError(_("Only results of a final reconciliation that holds are signed."))
    return run


def _lock_to_countersign(signature_id: int, user: User, at: datetime) -> StatementSignature:
    """The signature with its run locked, if the person may countersign it."""
    rows = StatementSignature.objects.select_related("school", "signed_by")
    signature = rows.get(pk=signature_id)
    signature.reconciliation = _lock_run(signature.reconciliation_id)
    _refuse_interested(user, signature, local_date(at))
    if YearStatement.objects.filter(signature=signature).exists():
        raise StatementError(_("This statement is issued already."))
    if not is_as_signed(signature):
        raise StatementError(_("What was signed is not what stands here now."))
    return signature


def _closed(run: Reconciliation) -> set[int]:
    """The key of the run if its year is closed by it."""
    return set(Reconciliation.objects.closed().filter(pk=run.pk).values_list("pk", flat=True))


def _refuse_served(user: User, year: int) -> None:
    """Raise StatementError if the person posted hours of the year to a row of their own."""
    posted = CreditEntry.objects.filter(
        credit_year=year, member__in=own_rows(user), posted_by__in=own_accounts(user)
    )
    if posted.exists():
        raise StatementError(_("You posted hours of this year to yourself: somebody else signs."))


def _refuse_interested(user: User, signature: StatementSignature, on: date) -> None:
    """Raise StatementError for people who may not countersign this signature."""
    _refuse_served(user, signature.reconciliation.year)
    if signature.signed_by_id in own_accounts(user):
        raise StatementError(_("Somebody else countersigns what you signed."))
    if signature.school_id is None:
        return
    if speaks_for(user, signature.school_id, on):
        raise StatementError(_("You speak for this school: somebody else countersigns."))
    results = signature.reconciliation.results.filter(school=signature.school_id)
    if results.filter(member__in=own_rows(user)).exists():
        raise StatementError(_("Your own result stands in it: somebody else countersigns."))


def _issue(signature: StatementSignature, user: User, issuing: Issuing) -> YearStatement:
    run = signature.reconciliation
    serial = _draw_serial(run.year)
    last_seal = Seal.objects.first()
    revision = revision_of(run)
    stamp = Stamp(
        number=f"{settings.DOCUMENT_PREFIX}-S{run.year}-{serial:03}",
        code=draw_code(OF_DOCUMENT),
        seal_number=last_seal.number if last_seal else None,
        chain_head=last_seal.head if last_seal else "",
        check_address=issuing.check_address,
    )
    facts = state_facts(
        signature, issued_by=user.display_name, issued_at=issuing.at, revision=revision
    )
    sheet, sheet_hash, pdf, pdf_hash = _make_files(facts, stamp, issuing.at)
    statement = YearStatement(
        signature=signature,
        year=run.year,
        serial=serial,
        number=stamp.number,
        revision=revision,
        code_fingerprint=fingerprint_document_code(stamp.code),
        facts=facts,
        pdf=pdf,
        pdf_hash=pdf_hash,
        sheet=sheet,
        sheet_hash=sheet_hash,
        seal_number=stamp.seal_number,
        chain_head=stamp.chain_head,
        signed_by=signature.signed_by,
        issued_at=issuing.at,
        issued_by=user,
    )
    statement.digest = digest_of(statement)
    statement.save()
    return statement


def _make_files(
    facts: dict[str, object], stamp: Stamp, at: datetime
) -> tuple[StoredFile, str, StoredFile, str]:
    try:
        with translation.override(settings.LANGUAGE_CODE):
            workbook = write_sheet(facts, stamp)
            sheet_hash = hash_paper(workbook)
            paper = write_paper(facts, stamp, sheet_hash)
            pdf, pdf_hash = make_paper(TEMPLATE, paper, f"{stamp.number}.pdf", at=at)
        sheet = store_file(
            data=workbook,
            name=f"{stamp.number}.xlsx",
            media_type=XLSX,
            owner=None,
            at=at,
            keep_days=None,
        )
    except (DocumentError, FileError) as error:
        raise StatementError(str(error)) from error
    return sheet, sheet_hash, pdf, pdf_hash


def _draw_serial(year: int) -> int:
    """The next number of a year. Others wait until this transaction ends, so there are no gaps."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LockClass.STATEMENT_NUMBERS, year])
    drawn = YearStatement.objects.filter(year=year)
    return (drawn.aggregate(last=Max("serial"))["last"] or 0) + 1
