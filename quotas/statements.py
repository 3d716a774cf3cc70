"""The content of a year's statement: its seal, its printed sheet and its workbook, of one mind.

Page, PDF and XLSX are written from the stored facts alone, so their figures are the same.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.codes import OF_DOCUMENT, format_code
from backstage.papers import seal
from config.lib.periods import local_date
from config.lib.qr_codes import draw_qr
from config.lib.spreadsheet_writing import Column, Kind, Table, write_tables
from quotas.amounts import say_about, say_amount
from quotas.models import YearStatement
from quotas.queries.statements import COUNTS, HOURS

# The template of `templates/documents/`.
TEMPLATE = "year_statement"


@dataclass(frozen=True)
class Stamp:
    """What a statement says besides its facts: number, code, the chain, and where it is checked."""

    number: str
    code: str
    seal_number: int | None
    chain_head: str
    check_address: str


def digest_of(statement: YearStatement) -> str:
    """The keyed hash (HMAC-SHA-256, hex) over the whole content of a statement."""
    values = [
        statement.signature_id,
        statement.year,
        statement.serial,
        statement.number,
        statement.revision,
        statement.code_fingerprint,
        statement.facts,
        statement.pdf_hash,
        statement.sheet_hash,
        statement.seal_number,
        statement.chain_head,
        statement.signed_by_id,
        statement.issued_at.astimezone(UTC).isoformat(),
        statement.issued_by_id,
    ]
    return seal(values, purpose="statement of a year")


def is_intact(statement: YearStatement) -> bool:
    """Whether the statement still matches its digest."""
    return hmac.compare_digest(statement.digest, digest_of(statement))


def list_columns() -> list[str]:
    """The headers of the figures, in the order of `COUNTS` and `HOURS`."""
    return [
        _("Members"),
        _("Counted"),
        _("Reached the target"),
        _("Exempt"),
        _("Not counted"),
        _("Hours owed"),
        _("Hours done"),
        _("of concentrated training"),
    ]


def list_figures(facts: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    """The rows of the figures: a name, and the numbers and hours; the total is the last one."""
    rows = [(part["name"] or _("Outside every school's area"), part) for part in facts["parts"]]
    return [
        (
            name,
            [*(part[field] for field in COUNTS), *(Decimal(part[field]) for field in HOURS)],
        )
        for name, part in [*rows, (_("Total"), facts["sums"])]
    ]


def list_claims(facts: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The lines of the task in words: what it is about, what was claimed, what was done."""
    return [
        (
            say_about(line),
            say_amount(_number(line["claimed"]), line["measure"]),
            say_amount(_number(line["done"]), line["measure"]),
        )
        for line in facts["claims"]
    ]


def title_of(facts: dict[str, Any]) -> str:
    """What a statement is called on page and paper."""
    return _("Statement of %(name)s for %(year)s") % facts


def list_signers(facts: dict[str, Any]) -> list[str]:
    """Who signed and countersigned, and when."""
    return [
        _("Signed by %(name)s on %(day)s")
        % {"name": facts["signed_by"], "day": _day(facts["signed_at"])},
        _("Countersigned by %(name)s on %(day)s")
        % {"name": facts["issued_by"], "day": _day(facts["issued_at"])},
    ]


def write_sheet(facts: dict[str, Any], stamp: Stamp) -> bytes:
    """The workbook: a sheet of the figures and, if there was a task, one of its lines."""
    notes = [*_list_facts(facts, stamp), *list_signers(facts)]
    hours = {len(COUNTS) + place for place in range(len(HOURS))}
    columns = [
        Column(header, Kind.HOURS if place in hours else Kind.NUMBER, 12)
        for place, header in enumerate(list_columns())
    ]
    first = Column(_("School") if not facts["code"] else _("Party organisation"), width=32)
    tables = {
        _("Results"): Table(
            title_of(facts),
            notes,
            [first, *columns],
            [[name, *figures] for name, figures in list_figures(facts)],
        )
    }
    if facts["claims"]:
        headers = [
            Column(_("Measure"), width=48),
            Column(_("Claimed"), Kind.TEXT),
            Column(_("Done"), Kind.TEXT),
        ]
        rows = [list(line) for line in list_claims(facts)]
        tables[_("Task of the year")] = Table(title_of(facts), notes[:1], headers, rows)
    target = BytesIO()
    write_tables(target, tables)
    return target.getvalue()


def write_paper(facts: dict[str, Any], stamp: Stamp, sheet_hash: str) -> dict[str, Any]:
    """The data of the template, in the active language."""
    seal_words = _("none yet")
    if stamp.seal_number is not None:
        seal_words = f"{stamp.seal_number} · {stamp.chain_head}"
    return {
        "lang": (get_language() or "zh").partition("-")[0],
        "heading": title_of(facts),
        "number": stamp.number,
        "facts": _list_facts(facts, stamp)[1:],
        "columns": [_("School") if not facts["code"] else _("Party organisation"), *list_columns()],
        "rows": [
            [name, *(format_figure(figure) for figure in figures)]
            for name, figures in list_figures(facts)
        ],
        "claims": {
            "heading": _("Task of the year: claimed and done"),
            "columns": [_("Measure"), _("Claimed"), _("Done")],
            "rows": [list(line) for line in list_claims(facts)],
        },
        "signers": list_signers(facts),
        "seals": [_("Seal of the school"), _("Seal of the organisation department")]
        if facts["code"]
        else [_("Seal of the district Party school"), _("Seal of the organisation department")],
        "code": [_("Code of the document"), format_code(stamp.code, OF_DOCUMENT)],
        "picture": str(draw_qr(f"{stamp.check_address}#{format_code(stamp.code, OF_DOCUMENT)}")),
        "check": [
            _("Whether it is valid is answered at %(address)s by code and the name “%(name)s”.")
            % {"address": stamp.check_address, "name": facts["name"]},
            _("SHA-256 of the XLSX: %(hash)s") % {"hash": sheet_hash},
            _("Seal of the trail when it was issued: %(seal)s") % {"seal": seal_words},
        ],
    }


def format_figure(figure: Any) -> str:
    """A number with thousands separators, hours without trailing zeros."""
    return say_amount(figure, "") if isinstance(figure, Decimal) else f"{figure:,}"


def _list_facts(facts: dict[str, Any], stamp: Stamp) -> list[str]:
    return [
        _("Number: %(number)s") % {"number": stamp.number},
        _("Year %(year)s, revision %(revision)s, reconciliation %(reconciliation)s") % facts,
        _("Members as of %(day)s")
        % {"day": date_format(date.fromisoformat(facts["as_of"]), "DATE_FORMAT")},
    ]


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _day(moment: str) -> str:
    return date_format(local_date(datetime.fromisoformat(moment)), "DATE_FORMAT")
