"""Importing the register: upload, reading, explaining columns, applying, discarding."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial, reduce
from operator import xor
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.enums import Role
from accounts.interests import own_rows, say_own
from accounts.origin import Actor
from accounts.roles import holds_any
from backstage.files import FileError, delete_file, read_file, store_file
from backstage.imports.columns import place_of_refused
from backstage.imports.reasons import CellReason, in_words
from backstage.imports.sheets import Joined
from backstage.jobs import JobError, Progress, order_job
from backstage.models import Job
from config.lib.copying import copy_rows
from config.lib.encryption import encrypt
from config.lib.errors import PortalError
from config.lib.periods import local_date
from config.lib.resident_ids import holds_resident_id
from config.lib.spreadsheet_reading import SpreadsheetError
from schools.actions.proposals import list_ticked, store_decisions
from schools.errors import SchoolsError
from schools.organisation_finder import OrganisationFinder
from schools.queries.open_years import refuse_settled_since
from schools.queries.proposals import Place
from trainees.actions.register_merge import STEPS, RegisterChangedError, merge_register
from trainees.enums import WRITTEN, ImportState, RegisterField, RowKind
from trainees.imports.columns import Header, join_register, missing_fields
from trainees.imports.matching import Meaning, Register
from trainees.imports.proposals import store_proposals
from trainees.imports.reasons import Reason
from trainees.imports.rows import LineReader, RegisterLine, mark_duplicates
from trainees.models import RegisterHeader, RegisterImport, RegisterRow

READ, APPLY = "trainees.read_register", "trainees.apply_register"
QUEUE = "register"
ROWS_AT_ONCE = 5_000
KEEP_FILE_DAYS = 30
KEEP_DAYS = 90

# What a row may change that gives power or relief, or moves a clock. A transfer ends posts.
_SERVING = ["organisation", "post", "membership_status", "joined_on", "full_member_on"]
_ROW_FIELDS = [
    "register_id", "row_number", "kind", "member_id", "organisation_id", "number", "name", "sex",
    "birth_date", "phone", "joined_on", "full_member_on", "membership_status", "post",
    "resident_id_encrypted", "resident_id_fingerprint", "changes", "problems", "proposal_id",
]  # fmt: skip


class RegisterError(PortalError):
    """The import cannot continue as requested; nothing was changed. `field` is the form field."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


@transaction.atomic
def start_import(
    *, data: bytes, file_name: str, media_type: str, as_of: date, by: Actor, at: datetime
) -> RegisterImport:
    """Store an uploaded register encrypted and start reading it. `as_of` is the day it describes.

    Raises RegisterError, and backstage.files.FileError if there is no room for the file.
    """
    _check_day(as_of, at)
    if holds_resident_id(file_name):
        message = _("The file's name holds an ID number. Give it another name.")
        raise RegisterError(message, "file")
    register = RegisterImport.objects.create(
        file=store_file(
            data=data,
            name=f"register.{file_name.rpartition('.')[2][:8]}",
            media_type=media_type,
            owner=by.user,
            at=at,
            keep_days=KEEP_FILE_DAYS,
        ),
        file_name=file_name[:200],
        file_hash=hashlib.sha256(data).hexdigest(),
        as_of=as_of,
        uploaded_by=by.user,
        uploaded_at=at,
    )
    _order(register, READ, by, at)
    facts = {"file_name": register.file_name, "sha256": register.file_hash, "as_of": as_of}
    record_act(act="upload_register", obj=register, by=by, at=at, after=facts)
    return register


@transaction.atomic
def explain_columns(
    *,
    register_id: int,
    fields: Mapping[str, str],
    chosen: Mapping[str, Sequence[str]],
    by: Actor,
    at: datetime,
) -> RegisterImport:
    """Store the meaning of column headers (header text → RegisterField), and read the file again.

    `chosen` has [text, field] by place, for columns that mean the same as another one: what is said
    of them holds for this file alone. Raises RegisterError if the import is over or a job is
    working on it.
    """
    register = lock_import(register_id)
    _require(register, ImportState.UNMAPPED, ImportState.READY)
    for text, field in fields.items():
        RegisterHeader.objects.update_or_create(text=text, defaults={"field": field})
    register.chosen_columns = dict(chosen)
    register.save(update_fields=["chosen_columns"])
    _read_again(register, by, at)
    facts = {"columns": {**fields, **{pair[0]: pair[1] for pair in chosen.values()}}}
    record_act(act="explain_columns", obj=register, by=by, at=at, after=facts)
    return register


@transaction.atomic
def decide_proposals(
    *, register_id: int, places: Sequence[Place], by: Actor, at: datetime
) -> RegisterImport:
    """Store which proposed organisations are founded, and where; then read the file again.

    Nothing is founded before the import is applied. Raises RegisterError.
    """
    register = lock_import(register_id)
    _require(register, ImportState.READY)
    store_decisions(register.proposals, places)
    _read_again(register, by, at)
    facts = {"organisations": [place.name for place in places]}
    record_act(act="decide_proposals", obj=register, by=by, at=at, after=facts)
    return register


@transaction.atomic
def reread_import(*, register_id: int, by: Actor, at: datetime) -> RegisterImport:
    """Read a file again after an interrupted reading. Raises RegisterError."""
    register = lock_import(register_id)
    _require(register, ImportState.READING, ImportState.READY)
    _read_again(register, by, at)
    record_act(act="reread_register", obj=register, by=by, at=at)
    return register


@transaction.atomic
def order_merge(
    *, register_id: int, leave_out_refused: bool, by: Actor, at: datetime
) -> RegisterImport:
    """Start applying the import. Refused rows prevent that unless they are left out, and so does a
    row that changes standing, post or days of the person who orders it.

    Raises RegisterError.
    """
    register = lock_import(register_id)
    _require(register, ImportState.READY)
    _check_day(register.as_of, at)
    if register.counts.get(RowKind.REFUSED) and not leave_out_refused:
        raise RegisterError(
            _("Some rows are refused. Correct them and upload again, or say that they stay out.")
        )
    own = register.rows.filter(member__in=own_rows(by.user), changes__has_any_keys=_SERVING)
    if own.exists():
        raise RegisterError(say_own())
    _order(register, APPLY, by, at)
    record_act(act="order_merge", obj=register, by=by, at=at, after=register.counts)
    return register


@transaction.atomic
def discard_import(*, register_id: int, by: Actor, at: datetime) -> RegisterImport:
    """Discard an import: its file and its rows are deleted. Raises RegisterError."""
    register = lock_import(register_id)
    _require(
        register,
        ImportState.READING,
        ImportState.UNMAPPED,
        ImportState.READY,
        ImportState.UNREADABLE,
    )
    register.state = ImportState.DISCARDED
    register.rows.all().delete()
    register.unchanged = []
    _forget_file(register)
    register.save(update_fields=["state", "file", "unchanged"])
    record_act(act="discard_register", obj=register, by=by, at=at)
    return register


def read_register(progress: Progress) -> None:
    """Job: read the file, check every row, and compare it with the stored members.

    All rows are written in one transaction, so an interrupted reading leaves none; a new attempt
    starts from the file. Raises JobError with a message for the office.
    """
    register = RegisterImport.objects.select_related("file").get(pk=_subject(progress.job))
    if register.state != ImportState.READING:
        return
    explained = dict(RegisterHeader.objects.values_list("text", "field"))
    try:
        joined = join_register(_content(register), register.file_name, explained)
    except SpreadsheetError as error:
        _leave(register, ImportState.UNREADABLE, problem=[error.code, error.values])
        raise JobError(str(error)) from error
    except FileError as error:
        _leave(register, ImportState.UNREADABLE, problem=[CellReason.FILE_GONE, {}])
        raise JobError(str(error)) from error
    chosen = register.chosen_columns.items()
    meant = {place: (text, RegisterField(field)) for place, (text, field) in chosen}
    header = joined.header and joined.header.as_chosen(meant)
    facts = _header_facts(header) | {"sheets": joined.facts}
    if header is None or missing_fields(header) or header.doubled:
        _leave(register, ImportState.UNMAPPED, **facts)
        return
    lines = _read_lines(joined, header, register, progress)
    members = Register(register.as_of)
    meanings = [members.interpret(line) for line in lines]
    with transaction.atomic():
        stored = lock_import(register.pk)
        if stored.state != ImportState.READING:
            return
        stored.rows.all().delete()
        store_proposals(stored, lines)
        copy_rows(RegisterRow, _ROW_FIELDS, _cells(stored, lines, meanings))
        missing = _list_missing(header, members, lines, meanings)
        copy_rows(
            RegisterRow,
            _ROW_FIELDS,
            (
                (stored.pk, None, RowKind.MISSING.value, pk, place, *_NOTHING)
                for pk, place in missing
            ),
        )
        counts = Counter(str(meaning.kind.value) for meaning in meanings)
        counts[RowKind.MISSING.value] = len(missing)
        facts |= _unchanged_facts(lines, meanings)
        state = _state_of(counts, header)
        _leave(stored, state, counts=counts, **facts)
        if state == ImportState.NOTHING:
            _forget_file(stored)
            stored.save(update_fields=["file"])


def apply_register(progress: Progress) -> None:
    """Job: apply the whole import, or nothing if members changed since the preview.

    In that case the file is compared again, and the office checks it again. If the job is stopped
    before its last step, nothing is written and the import stays as it was. Raises JobError.
    """
    by, at = progress.by, progress.clock()
    register_id = _subject(progress.job)
    try:
        with progress.beside(), transaction.atomic():
            register = lock_import(register_id)
            if register.state == ImportState.APPLIED:
                return
            if register.state != ImportState.READY:
                raise JobError(_("This import is not ready to be applied."))
            _check_still_may(progress.job, register, at)
            steps = STEPS + 1
            counts = merge_register(
                register=register, by=by, at=at, tell=lambda done: progress.report(done, steps)
            )
            register.state = ImportState.APPLIED
            register.applied_at, register.applied_by = at, by.user
            _forget_file(register)
            register.save(update_fields=["state", "applied_at", "applied_by", "file"])
            record_act(act="apply_register", obj=register, by=by, at=at, after=counts)
            progress.report(steps, steps)
    except SchoolsError as error:
        raise JobError(str(error)) from error
    except (RegisterChangedError, IntegrityError) as error:
        problem = (Reason.CHANGED_MEANWHILE, dict[str, Any]())
        with transaction.atomic():
            _read_again(lock_import(register_id), by, at, problem=problem)
        raise JobError(in_words(*problem)) from error


def discard_forgotten(*, by: Actor, at: datetime) -> int:
    """Discard imports that were undecided when the time for their file ended; returns the count."""
    forgotten = RegisterImport.objects.filter(
        uploaded_at__lt=at - timedelta(days=KEEP_FILE_DAYS),
        state__in=[ImportState.READING, ImportState.UNMAPPED, ImportState.READY],
    )
    count = 0
    for register_id in list(forgotten.values_list("pk", flat=True)):
        with suppress(RegisterError):  # a job is working on it
            discard_import(register_id=register_id, by=by, at=at)
            count += 1
    return count


def sweep_imports(*, before: datetime) -> int:
    """Delete the rows of finished imports uploaded before `before`; returns how many."""
    over = [ImportState.APPLIED, ImportState.NOTHING, ImportState.DISCARDED, ImportState.UNREADABLE]
    imports = RegisterImport.objects.filter(uploaded_at__lt=before, state__in=over)
    imports.update(unchanged=[])
    return RegisterRow.objects.filter(register__in=imports).delete()[0]


def lock_import(register_id: int) -> RegisterImport:
    """The import, locked until the end of the transaction. Raises RegisterImport.DoesNotExist."""
    imports = RegisterImport.objects.defer("unchanged")
    return imports.select_for_update(of=("self",)).get(pk=register_id)


def _check_day(as_of: date, at: datetime) -> None:
    """An import does not change verdicts of settled years. Raises RegisterError."""
    if as_of > local_date(at):
        raise RegisterError(_("This day is still to come."), "as_of")
    refuse_settled_since(as_of, at, partial(RegisterError, field="as_of"))


def _check_still_may(job: Job, register: RegisterImport, at: datetime) -> None:
    """The person who ordered it must still belong to the office. Raises JobError."""
    user = job.asked_by
    if user is not None and not (user.is_active and holds_any(user, Role.ORGANISATION_DEPARTMENT)):
        raise JobError(_("Whoever ordered this is no longer of the organisation department."))
    try:
        _check_day(register.as_of, at)
    except RegisterError as error:
        raise JobError(str(error)) from error


def _content(register: RegisterImport) -> bytes:
    """The uploaded file. Raises FileError once it is deleted."""
    if register.file is None:
        raise FileError(_("This file is no longer kept."))
    return read_file(register.file)


def _subject(job: Job) -> int:
    return int(job.arguments["register"])


def _require(register: RegisterImport, *states: ImportState) -> None:
    if register.state not in states:
        raise RegisterError(_("This import has gone on meanwhile. Look at it again."))
    if register.job is not None and not register.job.is_over:
        raise RegisterError(_("This import is being worked on. Wait, or stop the work first."))


def _order(register: RegisterImport, kind: str, by: Actor, at: datetime) -> None:
    arguments = {"register": register.pk, "file": register.file_name}
    register.job = order_job(kind=kind, arguments=arguments, by=by, at=at)
    register.save(update_fields=["job"])


def _read_again(
    register: RegisterImport, by: Actor, at: datetime, problem: Sequence[Any] = ()
) -> None:
    register.state = ImportState.READING
    register.problem = list(problem)
    register.save(update_fields=["state", "problem"])
    _order(register, READ, by, at)


def _leave(register: RegisterImport, state: ImportState, **values: Any) -> None:
    RegisterImport.objects.filter(pk=register.pk, state=ImportState.READING).update(
        state=state, **values
    )


def _forget_file(register: RegisterImport) -> None:
    if register.file is not None:
        delete_file(register.file)
        register.file = None


def _header_facts(header: Header | None) -> dict[str, Any]:
    if header is None:
        return {"headers": [], "header_row": None}
    fields = [field.value if field else None for field in header.fields]
    pairs = [[t, f] for t, f in zip(header.texts, fields, strict=True)]
    return {"headers": pairs, "header_row": header.place + 1}


def _state_of(counts: Mapping[str, int], header: Header) -> ImportState:
    """NOTHING if no row is written or refused and all columns are explained, else READY."""
    waits = {*WRITTEN, RowKind.REFUSED} & {kind for kind, number in counts.items() if number}
    return ImportState.READY if waits or None in header.fields else ImportState.NOTHING


def _unchanged_facts(lines: Sequence[RegisterLine], meanings: Sequence[Meaning]) -> dict[str, Any]:
    """The rows without changes, and a digest of their members' stored data."""
    rows = [
        (line.row_number, meaning.member)
        for line, meaning in zip(lines, meanings, strict=True)
        if meaning.kind is RowKind.UNCHANGED and meaning.member
    ]
    return {
        "unchanged": [[row, member.id] for row, member in rows],
        "unchanged_digest": str(reduce(xor, (member.digest for _row, member in rows), 0)),
    }


def _read_lines(
    joined: Joined, header: Header, register: RegisterImport, progress: Progress
) -> list[RegisterLine]:
    finder = OrganisationFinder(register.as_of)
    ticked = list_ticked(register.proposals, finder)
    reader = LineReader(header, finder, register.as_of, ticked, joined.place_of)
    below = header.place + 1  # counted from 0; people count rows from 1
    rows = reader.list_rows(list(enumerate(joined.table.rows[below:], start=below + 1)))
    lines: list[RegisterLine] = []
    for first in range(0, len(rows), ROWS_AT_ONCE):
        progress.report(first, len(rows))
        lines += [reader.read(number, row) for number, row in rows[first : first + ROWS_AT_ONCE]]
    progress.report(len(rows), len(rows))
    mark_duplicates(lines)
    return lines


def _list_missing(
    header: Header,
    members: Register,
    lines: Sequence[RegisterLine],
    meanings: Sequence[Meaning],
) -> list[tuple[int, int]]:
    """Members of the organisations in the register whom it does not mention.

    A file of three branches says nothing about a fourth, even in the same township. A file of
    corrected refused rows says nothing about other members.
    """
    if place_of_refused(header.texts) is not None:
        return []
    named = {line.organisation_id for line in lines if line.organisation_id}
    seen = (meaning.member.id for meaning in meanings if meaning.member)
    return members.list_missing(seen, named)


def _cells(
    register: RegisterImport, lines: Iterable[RegisterLine], meanings: Iterable[Meaning]
) -> Iterator[tuple[Any, ...]]:
    """Rows in the form for COPY. Only a new member's ID number is stored, encrypted."""
    for line, meaning in zip(lines, meanings, strict=True):
        if meaning.kind is RowKind.UNCHANGED:
            continue
        encrypted = encrypt(line.resident_id) if meaning.kind is RowKind.NEW else ""
        place = line.organisation_id or 0
        yield (
            register.pk, line.row_number, meaning.kind.value,
            meaning.member and meaning.member.id, place if place > 0 else None, line.number,
            line.name,
            line.sex, line.birth_date, line.phone, line.joined_on,
            line.full_member_on, line.membership_status, line.post, encrypted, line.fingerprint,
            _json(meaning.changes), _json(meaning.problems), -place if place < 0 else None,
        )  # fmt: skip


_NOTHING = ("", "", "", None, "", None, None, "", "", "", "", "{}", "[]", None)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
