"""The content of issued documents: the stored facts, and the printed sheet."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.codes import OF_DOCUMENT, format_code
from backstage.papers import seal
from config.lib.hours import ZERO, format_hours
from hours.queries.requirements import Outcome
from years.enums import DocumentKind
from years.models import IssuedDocument
from years.queries.hours import MemberYear
from years.queries.lines import Line


@dataclass(frozen=True)
class Stamp:
    """A document's number, code, day, issuer, and the URL to check it."""

    number: str
    code: str
    day: date
    issuer: str  # empty if the member issued it
    check_address: str


def state_facts(member_year: MemberYear, day: date) -> dict[str, Any]:
    """The facts of a year that a document of `day` states, as language-independent values."""
    verdict = member_year.verdict
    return {
        "name": member_year.name,
        "member_number": member_year.number,
        "organisation": member_year.organisation,
        "school": member_year.school,
        "as_of": day.isoformat(),
        "language": get_language(),
        "hours": {
            str(category_sum.category): str(category_sum.hours) for category_sum in member_year.sums
        },
        "done": str(_done(member_year)),
        "verdict": str(verdict.outcome) if verdict else None,
        "owed": str(verdict.owed) if verdict else None,
        "trainings_left": verdict.trainings_left if verdict else None,
        "exemption": member_year.exemption,
        "membership_status": member_year.membership_status,
        "rule": [member_year.rule_group, member_year.rule_version, member_year.rule_source],
        "lines": len(member_year.lines),
    }


def digest_of(document: IssuedDocument) -> str:
    """The keyed hash (HMAC-SHA-256, hex) over the whole content of a document."""
    values = [
        document.kind,
        document.member_id,
        document.credit_year,
        document.version,
        document.number,
        document.code_fingerprint,
        document.facts,
        document.file_hash,
        document.issued_at.astimezone(UTC).isoformat(),
        document.issued_by_id,
    ]
    return seal(values, purpose="issued document")


def is_intact(document: IssuedDocument) -> bool:
    """Whether the document still matches its digest."""
    return hmac.compare_digest(document.digest, digest_of(document))


def write_sheet(kind: str, member_year: MemberYear, stamp: Stamp) -> dict[str, Any]:
    """The data of `templates/documents/<kind>.typ`, in the active language."""
    return _WRITERS[DocumentKind(kind)](member_year, stamp)


def _year_record(member_year: MemberYear, stamp: Stamp) -> dict[str, Any]:
    heading = _("Study record of a Party member, %(year)s") % {"year": member_year.year}
    facts = [
        (_("Name"), member_year.name),
        (_("Member number"), member_year.number),
        (_("Party organisation"), member_year.organisation or "–"),
        (_("School"), member_year.school or "–"),
        (_("Year"), str(member_year.year)),
        (_("As of"), date_format(stamp.day, "DATE_FORMAT")),
    ]
    columns = [
        _("Date"),
        _("What"),
        _("Where"),
        _("Category"),
        _("Credit hours"),
        _("Why not more"),
    ]
    return {
        "lang": _lang(),
        "heading": heading,
        "running": f"{heading} · {member_year.name} · {member_year.number} · {stamp.number}",
        "facts": facts,
        "sentence": _("; ").join(
            part for part in (member_year.sentence, member_year.trainings_sentence) if part
        ),
        "rule": _rule(member_year),
        "sums": _sums(member_year),
        "lines": {
            "heading": _("Study of the year"),
            "columns": columns,
            "rows": [_row(line) for line in reversed(member_year.lines)],
            "none": _("No study is recorded for this year yet"),
        },
        "signatures": [
            _("Signature of the member, date"),
            _("Signature of the branch secretary, date"),
            _("Seal of the branch"),
        ],
        "foot": [
            _("Document number %(number)s, code %(code)s")
            % {"number": stamp.number, "code": format_code(stamp.code, OF_DOCUMENT)},
            *_how_to_check(stamp),
        ],
    }


def _certificate(member_year: MemberYear, stamp: Stamp) -> dict[str, Any]:
    """It is shown to third parties, so it states that a target is met, but not the hours left or
    why none are owed, as the reason may be medical.
    """
    is_met = member_year.verdict is not None and member_year.verdict.outcome == Outcome.MET
    return {
        "lang": _lang(),
        "heading": _("Certificate of credit hours"),
        "number": [_("Document number"), stamp.number],
        "text": _(
            "%(name)s (member number %(number)s, %(organisation)s) has completed %(done)s credit "
            "hours of Party education and training in %(year)s, as of %(day)s."
        )
        % {
            "name": member_year.name,
            "number": member_year.number,
            "organisation": member_year.organisation or "–",
            "done": format_hours(_done(member_year)),
            "year": member_year.year,
            "day": date_format(stamp.day, "DATE_FORMAT"),
        },
        "sentence": member_year.sentence if is_met else "",
        "sums": _sums(member_year),
        "stamp": _("%(school)s (seal)") % {"school": member_year.school}
        if member_year.school
        else _("Seal of the school"),
        "issued": [
            date_format(stamp.day, "DATE_FORMAT"),
            _("Issued by %(name)s") % {"name": stamp.issuer}
            if stamp.issuer
            else _("Printed by the member"),
        ],
        "code": [_("Code of the document"), format_code(stamp.code, OF_DOCUMENT)],
        "check": _how_to_check(stamp),
    }


_WRITERS: dict[DocumentKind, Callable[[MemberYear, Stamp], dict[str, Any]]] = {
    DocumentKind.YEAR_RECORD: _year_record,
    DocumentKind.CERTIFICATE: _certificate,
}


def _lang() -> str:
    return (get_language() or "zh").partition("-")[0]


def _done(member_year: MemberYear) -> Decimal:
    return sum((category_sum.hours for category_sum in member_year.sums), ZERO)


def _rule(member_year: MemberYear) -> str:
    if not member_year.rule_group:
        return ""
    rule = _("Rule: %(group)s, version %(version)s, %(source)s") % {
        "group": member_year.rule_label,
        "version": member_year.rule_version,
        "source": member_year.rule_source,
    }
    if not member_year.rule_to_be_verified:
        return rule
    return _("; ").join([rule, _("the text now in force is to be verified")])


def _sums(member_year: MemberYear) -> dict[str, Any]:
    return {
        "heading": _("Credit hours by category"),
        "columns": [_("Category"), _("Credit hours")],
        "rows": [
            (category_sum.label, format_hours(category_sum.hours))
            for category_sum in member_year.sums
        ],
        "total": [_("Total"), format_hours(_done(member_year))],
    }


def _row(line: Line) -> list[str]:
    what = [line.title]
    if line.session_number:
        what.append(_("session %(number)s") % {"number": line.session_number})
    if line.study_kind_label:
        what.append(line.study_kind_label)
    return [
        line.occurred_on.isoformat(),
        " · ".join(what),
        " · ".join(part for part in (line.host, line.place) if part),
        line.category_label,
        format_hours(line.hours),
        "" if line.is_full else line.why,
    ]


def _how_to_check(stamp: Stamp) -> list[str]:
    return [
        _("Whether it is valid is answered at %(address)s by code and name.")
        % {"address": stamp.check_address},
        _("What is recorded later does not change this paper: a new one replaces it."),
    ]
