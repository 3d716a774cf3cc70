"""The sign-in sheet of a session: its printed content, and the check mark of its line order."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from config.lib.periods import SHANGHAI
from rolls.queries.rolls import RollLine, RollPage

SPARE_LINES = 10
_MARK_LENGTH = 4


def mark_of_list(lines: Sequence[RollLine]) -> str:
    """A short hash of the order of names, printed on the sheet and shown on the page.

    People without a pocket number, such as walk-ins, are at the end and do not change it.
    """
    order = ",".join(str(line.member_id) for line in lines if line.pocket is not None)
    return sha256(order.encode()).hexdigest()[:_MARK_LENGTH].upper()


def write_sign_in_sheet(page: RollPage) -> dict[str, Any]:
    """The data of `templates/documents/sign_in_sheet.typ`, in the active language."""
    session = page.session
    title = session.training_class.title
    number = _("Session %(number)d") % {"number": session.number}
    day = date_format(session.held_on, "DATE_FORMAT")
    begins, ends = (moment.astimezone(SHANGHAI) for moment in (session.starts_at, session.ends_at))
    mark = mark_of_list(page.lines)
    has_seats = any(line.seat for line in page.lines)
    return {
        "lang": (get_language() or "zh").partition("-")[0],
        "heading": _("Sign-in sheet"),
        "running": f"{title} · {number} · {day}",
        "facts": [
            (_("Training class"), title),
            (_("Session"), f"{number} · {session.course.title}"),
            (_("Date and time"), f"{day} {begins:%H:%M}–{ends:%H:%M}"),
            (_("Place"), session.where),
            (_("Lecturer"), session.instructor.name if session.instructor else ""),
            (_("School"), session.training_class.school.name),
        ],
        "columns": {
            "numbers": [_("No."), _("Pocket"), *([_("Seat")] if has_seats else [])],
            "words": [_("Name"), _("Party organisation"), pgettext("of a person", "Signature")],
        },
        "rows": [
            {
                "numbers": [
                    *(str(place), str(line.pocket or "")),
                    *([str(line.seat or "")] if has_seats else []),
                ],
                "name": line.name,
                "organisation": line.organisation,
            }
            for place, line in enumerate(page.lines, start=1)
        ],
        "spare": [f"+{place}" for place in range(1, SPARE_LINES + 1)],
        "signatures": [_("Clerk"), _("Lecturer"), _("Date and seal")],
        "foot": _("List %(mark)s. Spare lines are for people who are not on the list.")
        % {"mark": mark},
    }
