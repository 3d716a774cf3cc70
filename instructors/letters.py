"""The content of letters of appointment: the stored facts, the seal, and the printed sheet."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.codes import OF_DOCUMENT, format_code
from backstage.papers import seal
from config.lib.periods import first_day, last_day
from config.lib.qr_codes import draw_qr
from instructors.models import AppointmentLetter, IssuedLetter

# The template of `templates/documents/`.
TEMPLATE = "letters_of_appointment"


@dataclass(frozen=True)
class Stamp:
    """What a paper says besides its letter: day, code, the district, and where it is checked."""

    day: date
    code: str
    district: str
    check_address: str


def state_facts(letter: AppointmentLetter, day: date) -> dict[str, Any]:
    """The facts that a paper of `day` states, as language-independent values."""
    lecturer, last = letter.instructor, last_day(letter.period)
    return {
        "name": lecturer.name,
        "corps": lecturer.corps,
        "number": letter.number,
        "first_day": first_day(letter.period).isoformat(),
        "last_day": last.isoformat() if last else None,
        "signed_on": letter.signed_on.isoformat(),
        "as_of": day.isoformat(),
    }


def digest_of(paper: IssuedLetter) -> str:
    """The keyed hash (HMAC-SHA-256, hex) over the whole content of a paper."""
    values = [
        paper.letter_id,
        paper.version,
        paper.code_fingerprint,
        paper.facts,
        paper.file_hash,
        paper.issued_at.astimezone(UTC).isoformat(),
        paper.issued_by_id,
    ]
    return seal(values, purpose="issued letter")


def is_intact(paper: IssuedLetter) -> bool:
    """Whether the paper still matches its digest."""
    return hmac.compare_digest(paper.digest, digest_of(paper))


def write_sheets(letters: Sequence[tuple[AppointmentLetter, Stamp]]) -> dict[str, Any]:
    """The data of the template, one page for each letter, in the active language."""
    return {
        "lang": (get_language() or "zh").partition("-")[0],
        "heading": _("Letter of appointment"),
        "letters": [_write(letter, stamp) for letter, stamp in letters],
    }


def _write(letter: AppointmentLetter, stamp: Stamp) -> dict[str, Any]:
    lecturer, last = letter.instructor, last_day(letter.period)
    words = {
        "corps": lecturer.get_corps_display(),
        "district": stamp.district,
        "first": date_format(first_day(letter.period), "DATE_FORMAT"),
        "last": date_format(last, "DATE_FORMAT") if last else "",
    }
    text = (
        _("You are appointed lecturer of the %(corps)s of %(district)s (%(first)s to %(last)s).")
        if last
        else _("You are appointed lecturer of the %(corps)s of %(district)s (from %(first)s on).")
    )
    return {
        "number": letter.number,
        "greeting": _("Comrade %(name)s:") % {"name": lecturer.name},
        "text": text % words,
        "issuer": _("Organisation department of %(district)s (seal)") % words,
        "day": date_format(letter.signed_on, "DATE_FORMAT"),
        "code": [_("Code of the document"), format_code(stamp.code, OF_DOCUMENT)],
        "picture": str(draw_qr(qr_text(stamp))),
        "check": [
            _("Whether it is valid is answered at %(address)s by code and name.")
            % {"address": stamp.check_address}
        ],
    }


def qr_text(stamp: Stamp) -> str:
    """The address of the check with the code behind `#`, which a browser sends to no server."""
    return f"{stamp.check_address}#{format_code(stamp.code, OF_DOCUMENT)}"
