"""Lists as XLSX files: short ones at once, long ones by a job.

Each app registers its lists with the filters and rows of their pages. Access rights are checked
when the file is written, not when it is ordered.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from operator import attrgetter
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import record_act
from accounts.models import User
from accounts.origin import Actor
from backstage.files import store_file
from backstage.jobs import JobError, JobKind, Progress, order_job
from backstage.models import Job, StoredFile
from config.lib.dates import format_day, format_moment
from config.lib.encryption import decrypt, encrypt
from config.lib.filters import Filters, ListRequest
from config.lib.resident_ids import holds_resident_id
from config.lib.spreadsheet_writing import MOST_ROWS, Column, Kind, write_table

JOB_KIND = "backstage.export"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Up to this many rows, the file is written during the request, in less than two seconds.
AT_ONCE = 2000
_ROWS_AT_ONCE = 1000


class ExportError(Exception):
    """The list cannot be exported. The message is for the user."""


@dataclass(frozen=True)
class ExportColumn:
    """A column of a file: header, kind, width, and a function from a row to its cell.

    `group` makes a prefix for the header from the filters. Columns share it, for example the chosen
    part of the year.
    """

    header: str | Promise
    cell: Callable[[Any], Any]
    kind: Kind = Kind.TEXT
    width: int = 14
    group: Callable[[Filters], str] | None = None

    def header_for(self, filters: Filters) -> str:
        """The header of the column in a file with these `filters`."""
        header = capfirst(str(self.header))
        group = self.group(filters) if self.group else ""
        return _("%(label)s: %(value)s") % {"label": group, "value": header} if group else header


@dataclass(frozen=True)
class ListExport:
    """A list that can be exported as a file.

    `page` is the name of its URL. `rows` returns a queryset or a sequence, limited to what the user
    may see and to `filters`. `record_access` names in the audit trail the person whose data are in
    the file.
    """

    name: str
    title: str | Promise
    page: str
    may: Callable[[User], bool]
    filters: Callable[[ListRequest], Filters]
    rows: Callable[[ListRequest, Filters], Any]
    columns: Sequence[ExportColumn]
    record_access: Callable[[ListRequest, Filters, Actor], None] | None = None


def number_column(header: str | Promise, name: str) -> ExportColumn:
    """A column for the count in the attribute `name` of each row."""
    return ExportColumn(header, attrgetter(name), Kind.NUMBER, 10)


type WordsOf = Callable[[str], str]

_exports: dict[str, ListExport] = {}
_filter_words: dict[str, tuple[str | Promise, WordsOf | None]] = {}
_filter_ranks: dict[str, int] = {}


def register_export(export: ListExport) -> None:
    """Register a list; called once per list, at start-up."""
    _exports[export.name] = export


def find_export(name: str) -> ListExport | None:
    """The list with that name, or None."""
    return _exports.get(name)


def register_filter(
    name: str, label: str | Promise, words_of: WordsOf | None = None, *, rank: int = 0
) -> None:
    """Register the label of a filter in the audit trail, and the words for its stored values.

    `rank` orders the filters of a list, whichever app registers them.
    """
    _filter_words[name] = (label, words_of)
    _filter_ranks[name] = rank


# What lists are narrowed to for rows that name nothing, such as a course without a task.
NOT_NAMED = "none"
NOT_NAMED_LABEL = gettext_lazy("not named")


def word_from(choices: Iterable[tuple[Any, str | Promise]]) -> WordsOf:
    """A function from values to the words in `choices`; other values stay as they are."""
    words = {str(value): label for value, label in choices}
    return lambda value: str(words.get(value, value))


def format_stored_day(value: str) -> str:
    """A stored filter day from the audit trail, in words."""
    return format_day(date.fromisoformat(value))


def title_of(name: str) -> str:
    """The title of a list; the stored name if the list no longer exists."""
    export = find_export(name)
    return str(export.title) if export else name


def format_filters(kept: Mapping[str, str | None]) -> str:
    """The filters of an export in words; unknown names and values as stored."""
    # JSON in the database does not preserve the order of facts.
    order = [*sorted(_filter_words, key=lambda name: _filter_ranks[name]), *kept]
    return _("; ").join(_kept_in_words(name, kept[name]) for name in sorted(kept, key=order.index))


def _kept_in_words(name: str, value: str | None) -> str:
    label, words_of = _filter_words.get(name, (name, None))
    words = _("(not kept)") if value is None else words_of(value) if words_of else value
    return _("%(label)s: %(value)s") % {"label": label, "value": words}


@transaction.atomic
def export_list(*, export: ListExport, asked: ListRequest, by: Actor) -> bytes | Job:
    """Write the file of a short list, or order a job for a long one unless it is ordered.

    Raises ExportError if the list is too long for a sheet, if the request contains an ID number, or
    if a filter has an invalid value: the file would have more than was requested.
    """
    if any(holds_resident_id(value) for value in asked.query.values()):
        raise ExportError(_("An ID number does not belong here."))
    filters = export.filters(asked)
    if filters.unread:
        names = _("; ").join(item.label for item in filters.unread)
        raise ExportError(_("A filter could not be read, so nothing was exported: %s.") % names)
    count = _count(export.rows(asked, filters))
    if count > MOST_ROWS:
        message = _("These are %(n)d rows, and a sheet holds %(most)d: narrow the list first.")
        raise ExportError(message % {"n": count, "most": MOST_ROWS})
    if count > AT_ONCE:
        arguments = _arguments(export, filters)
        same = Job.objects.open().filter(kind=JOB_KIND, arguments=arguments, asked_by=by.user)
        return same.first() or order_job(kind=JOB_KIND, arguments=arguments, by=by, at=asked.now)
    target = BytesIO()
    written = _write(export, asked, filters, target)
    _record(
        export=export,
        asked=asked,
        filters=filters,
        rows=written,
        file=StoredFile(pk="", name=file_name(export, asked)),
        by=by,
    )
    return target.getvalue()


def file_name(export: ListExport, asked: ListRequest) -> str:
    """The name of the file for the user."""
    return f"{export.title} {asked.today:%Y-%m-%d}.xlsx"


def run_export(progress: Progress) -> StoredFile:
    """Run the export job: write all rows that its owner may see now.

    Raises JobError if the owner may now see less than when the job was ordered.
    """
    job, at = progress.job, progress.clock()
    export, user = find_export(job.arguments["list"]), job.asked_by
    if export is None or user is None or not _may_still(job, user, at):
        raise JobError(_("What you may see has changed since. Open the list and export it again."))
    asked = ListRequest(user, _query(job), at)
    filters = export.filters(asked)
    total = _count(export.rows(asked, filters))
    target = BytesIO()
    written = _write(
        export, asked, filters, target, lambda done: progress.report(done, max(done, total))
    )
    with transaction.atomic():
        stored = store_file(
            data=target.getvalue(),
            name=file_name(export, asked),
            media_type=MEDIA_TYPE,
            owner=user,
            at=at,
        )
        _record(
            export=export, asked=asked, filters=filters, rows=written, file=stored, by=progress.by
        )
    return stored


def _arguments(export: ListExport, filters: Filters) -> dict[str, Any]:
    """The stored arguments of the job; searches are encrypted, since they may be names."""
    private = {item.name for item in filters.items if item.is_private}
    open_ones = {name: value for name, value in filters.query.items() if name not in private}
    hidden = {name: value for name, value in filters.query.items() if name in private}
    encrypted = encrypt(json.dumps(hidden)) if hidden else ""
    return {"list": export.name, "query": open_ones, "encrypted": encrypted}


def _query(job: Job) -> dict[str, str]:
    encrypted = job.arguments["encrypted"]
    return job.arguments["query"] | (json.loads(decrypt(encrypted)) if encrypted else {})


def _may_still(job: Job, user: User, at: datetime) -> bool:
    """Whether the person may still see today what the job was ordered for."""
    export, asked = find_export(job.arguments["list"]), ListRequest(user, _query(job), at)
    if export is None or not user.is_active or not export.may(user):
        return False
    return export.filters(asked).query == asked.query


EXPORT_KIND = JobKind(
    JOB_KIND,
    label=lambda job: _("Export: %(list)s") % {"list": title_of(job.arguments["list"])},
    run=run_export,
    may_fetch=_may_still,
    title=gettext_lazy("Export of a list"),
)


def _write(
    export: ListExport,
    asked: ListRequest,
    filters: Filters,
    target: BinaryIO,
    report: Callable[[int], None] | None = None,
) -> int:
    """Write the file and return the number of rows; memory does not grow with them."""
    written = 0

    def lines() -> Iterator[list[Any]]:
        nonlocal written
        for row in _stream(export.rows(asked, filters)):
            yield [column.cell(row) for column in export.columns]
            written += 1
            if report and written % _ROWS_AT_ONCE == 0:
                report(written)

    write_table(
        target,
        title=str(export.title),
        notes=[_filters_in_words(filters), _origin(asked.user, asked.now)],
        columns=[Column(c.header_for(filters), c.kind, c.width) for c in export.columns],
        rows=lines(),
    )
    return written


def _filters_in_words(filters: Filters) -> str:
    words = [_("%(label)s: %(value)s") % {"label": a, "value": b} for a, b in filters.words]
    return "  ".join(words) or _("not narrowed")


def _origin(user: User, at: datetime) -> str:
    return _("Exported by %(who)s, %(when)s") % {
        "who": user.display_name,
        "when": format_moment(at),
    }


def _record(
    *,
    export: ListExport,
    asked: ListRequest,
    filters: Filters,
    rows: int,
    file: StoredFile,
    by: Actor,
) -> None:
    """Record list, filters and number of rows in the audit trail, but no search text.

    Names and values are stored; `title_of` and `format_filters` translate them for the reader.
    """
    narrowed = {
        item.name: None if item.is_private else item.audit_text or item.value
        for item in filters.items
        if item.words
    }
    facts = {"list": export.name, "filters": narrowed, "rows": rows}
    record_act(act="export_list", obj=file, by=by, at=asked.now, after=facts)
    if export.record_access:
        export.record_access(asked, filters, by)


def _count(rows: Any) -> int:
    return rows.count() if isinstance(rows, QuerySet) else len(rows)


def _stream(rows: Any) -> Iterator[Any]:
    return rows.iterator(chunk_size=_ROWS_AT_ONCE) if hasattr(rows, "iterator") else iter(rows)
