"""Documents about a member's year: issued once, replaced by a newer one, revoked."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.codes import OF_DOCUMENT, draw_code
from accounts.models import User
from accounts.origin import Actor
from accounts.roles import acting_roles
from backstage.files import FileError
from backstage.models import StoredFile
from backstage.papers import fingerprint_document_code, make_paper, read_paper
from config.lib.documents import DocumentError
from config.lib.lock_classes import LockClass
from config.lib.periods import local_date
from trainees.models import Member
from years.documents import Stamp, digest_of, is_intact, state_facts, write_sheet
from years.enums import DocumentKind, DocumentState
from years.errors import PaperError
from years.models import DocumentRevocation, IssuedDocument
from years.queries.hours import MemberYear, get_year_of


def issue_document(
    *, member_id: int, kind: DocumentKind, year: int, check_address: str, by: Actor, at: datetime
) -> IssuedDocument:
    """Issue a document about a member's year, in the active language. It replaces the former one.

    Raises PaperError if the actor may not issue documents for the member, there is nothing to
    state, or the PDF cannot be typeset or stored.
    """
    user, on = _person(by), local_date(at)
    with transaction.atomic():
        served = Member.objects.papers_by(user, on)
        # Rolls and studies lock their members too, so the hours cannot change until it is issued.
        member = served.select_for_update(of=("self",)).filter(pk=member_id).first()
        if member is None:
            raise PaperError(_("You may no longer issue documents for this member."))
        if member.merged_into_id:
            raise PaperError(
                _("This member was merged into another one: issue the document for that one.")
            )
        member_year = get_year_of(user, member, year, on)
        _refuse_empty(kind, member_year)
        before = _newest(member, kind, year)
        code = draw_code(OF_DOCUMENT)
        serial = _draw_serial(on.year)
        number = f"{settings.DOCUMENT_PREFIX}-{on.year}-{serial:06}"
        issuer = "" if member.user_id == user.pk else user.display_name
        stamp = Stamp(number, code, on, issuer, check_address)
        file, file_hash = _make_file(kind, member_year, stamp, at)
        document = IssuedDocument(
            kind=kind,
            member=member,
            credit_year=year,
            version=before.version + 1 if before else 1,
            number_year=on.year,
            serial=serial,
            number=number,
            code_fingerprint=fingerprint_document_code(code),
            facts=state_facts(member_year, on),
            file=file,
            file_hash=file_hash,
            issued_at=at,
            issued_by=user,
        )
        document.digest = digest_of(document)
        document.save()
        record_act(
            act="issue_document",
            obj=document,
            by=by,
            at=at,
            school_code=member_year.school_code or "",
            after={
                "kind": kind,
                "member": member.pk,
                "credit_year": year,
                "replaces": before.number if before else None,
                "roles": acting_roles(user),
            },
        )
    return document


def revoke_document(
    *, document_id: int, reason: str, by: Actor, at: datetime
) -> DocumentRevocation:
    """Revoke a valid document, with a reason.

    Raises PaperError if it is no longer valid, or the actor may not revoke it.
    """
    user = _person(by)
    with transaction.atomic():
        allowed = IssuedDocument.objects.revocable_by(user, local_date(at))
        document = allowed.filter(pk=document_id).first()
        if document is None:
            raise PaperError(_("You may not revoke this document."))
        # The document's row is immutable and cannot be locked, so its member is locked instead.
        Member.objects.select_for_update().get(pk=document.member_id)
        state = IssuedDocument.objects.with_state().get(pk=document_id).state
        if state != DocumentState.VALID:
            raise PaperError(_("This document is not valid any more."))
        revocation = DocumentRevocation.objects.create(
            document=document, reason=reason, revoked_at=at, revoked_by=user
        )
        record_act(
            act="revoke_document",
            obj=document,
            by=by,
            at=at,
            after={
                "kind": document.kind,
                "member": document.member_id,
                "credit_year": document.credit_year,
                "reason": reason,
                "roles": acting_roles(user),
            },
        )
    return revocation


def open_document(document: IssuedDocument) -> bytes:
    """The PDF as issued. Raises PaperError if it is missing or differs from what was issued."""
    try:
        return read_paper(document.file, document.file_hash, is_intact=is_intact(document))
    except FileError as error:
        raise PaperError(str(error)) from error


def _person(by: Actor) -> User:
    if by.user is None:
        raise PaperError(_("Documents are issued and revoked by a person."))
    return by.user


def _refuse_empty(kind: DocumentKind, member_year: MemberYear) -> None:
    if kind == DocumentKind.CERTIFICATE and not any(
        category_sum.hours for category_sum in member_year.sums
    ):
        raise PaperError(
            _("No credit hours are recorded for %(year)s, so there is nothing to certify.")
            % {"year": member_year.year}
        )
    if member_year.verdict is None and not member_year.lines:
        raise PaperError(member_year.sentence)


def _newest(member: Member, kind: DocumentKind, year: int) -> IssuedDocument | None:
    documents = IssuedDocument.objects.filter(member=member, kind=kind, credit_year=year)
    return documents.order_by("version").last()


def _draw_serial(year: int) -> int:
    """The next number of a year. Others wait until this transaction ends, so there are no gaps."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LockClass.DOCUMENT_NUMBERS, year])
    drawn = IssuedDocument.objects.filter(number_year=year)
    return (drawn.aggregate(last=Max("serial"))["last"] or 0) + 1


def _make_file(
    kind: DocumentKind, member_year: MemberYear, stamp: Stamp, at: datetime
) -> tuple[StoredFile, str]:
    try:
        sheet = write_sheet(kind, member_year, stamp)
        return make_paper(kind, sheet, f"{stamp.number}.pdf", at=at)
    except (DocumentError, FileError) as error:
        raise PaperError(str(error)) from error
