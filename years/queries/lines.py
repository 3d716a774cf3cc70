"""A line of a member's year: one assessment, and the explanation of its hours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from config.lib.dates import format_moment
from config.lib.hours import ZERO, format_hours, grammatical_number
from hours.enums import AssessmentCause, Cap, CreditCategory, OwnCut
from hours.models.disputes import last_day_to_object
from rolls.enums import AttendanceStatus
from studies.enums import StudyKind
from years.queries.pending_items import OwnDispute

# The text of each deduction, in the order in which deductions are applied.
_OWN_CUTS = {
    OwnCut.LATE: _("%(cut)s taken off for coming late"),
    OwnCut.ON_LEAVE: _("people on leave get none"),
    OwnCut.ABSENT: _("people who are absent get none"),
    OwnCut.WITHDRAWN: _("the record was withdrawn"),
}
_WENT_OVER = _("the hours went to the row that is kept of the same person")
_WENT_BACK = _("the hours went back to the other row, when the two were taken apart")
_TAKEN_OFF = _("taken off the participants of this study")
_OVERLAP = _("%(cut)s taken off because the time is counted elsewhere already")
_CAPS = {
    Cap.HALF_DAY: _("%(cut)s taken off because no more than %(cap)s count in half a day"),
    Cap.DAY: _("%(cut)s taken off because no more than %(cap)s count on one day"),
    Cap.YEAR: _("%(cut)s taken off because no more than %(cap)s of this category count in a year"),
}
_IN_PART = _("Worth %(gross)s: %(cuts)s. %(hours)s count (rule version %(version)s).")


def _format_act(who: str, when: datetime) -> str:
    return gettext("%(who)s, %(when)s") % {"who": who, "when": format_moment(when)}


@dataclass(frozen=True)
class Line:
    """One assessment: where the study was, its hours, and why not more.

    `disputes`: disputes about it or an earlier version that were not withdrawn, newest first.
    `on`: the day for which to decide whether a dispute may be opened, None if that is not needed.
    `earlier`: superseded versions, newest first; their hours were reversed for the `cause` and
    `reason` of the next version. Totals are sums of hours in the ledger.
    `recorded_by` is the clerk who submitted the roll, or the recorder of the study, which the
    school then passed.
    `beside`: other study of its day that leaves less room for it.
    `is_of_merged`: it belongs to a past year and another row of the same person. It is shown, but
    in no total, since that year is settled. `is_of_other`: the evidence belongs to another row
    that was merged with this one.

    Equality compares displayed values only, not ids or the day `on`.
    """

    source_id: int = field(compare=False)
    owner_id: int = field(compare=False)
    version: int
    occurred_on: date
    category: str
    gross: Decimal
    own_cut: Decimal
    own_reason: str
    overlap_cut: Decimal
    cap_cut: Decimal
    cap_reason: str
    worth: Decimal
    hours: Decimal
    rule_version: int
    cap: Decimal | None
    cause: str
    reason: str
    assessed_at: datetime
    assessed_by: str
    recorded_at: datetime
    recorded_by: str
    passed_at: datetime | None
    passed_by: str | None
    is_of_roll: bool
    title: str
    session_number: int | None
    course: str | None
    place: str
    host: str
    study_kind: str | None
    assessment_id: int = field(compare=False)
    dispute_days: int | None = field(compare=False)
    is_of_merged: bool
    is_of_other: bool
    earlier: tuple[Line, ...] = ()
    beside: tuple[str, ...] = ()
    disputes: tuple[OwnDispute, ...] = ()
    on: date | None = field(default=None, compare=False)
    settled_after: date | None = field(default=None, compare=False)

    @property
    def versions(self) -> set[int]:
        """The ids of all assessments in this line."""
        return {self.assessment_id, *(line.assessment_id for line in self.earlier)}

    @property
    def evidence(self) -> tuple[int, int, bool, date]:
        """The identity of the evidence, and whether it is for a merged row."""
        return self.source_id, self.owner_id, self.is_of_merged, self.occurred_on

    @property
    def dispute(self) -> OwnDispute | None:
        """The latest dispute about it."""
        return self.disputes[0] if self.disputes else None

    @property
    def is_in_dispute(self) -> bool:
        return any(dispute.is_unfinished for dispute in self.disputes[:1])

    @property
    def may_dispute(self) -> bool:
        """Whether the member may open a dispute about the current version."""
        return (
            self.on is not None
            and self._closed_on is None
            and not any(
                dispute.is_unfinished or dispute.assessment_id == self.assessment_id
                for dispute in self.disputes
            )
        )

    @property
    def was_open_until(self) -> date | None:
        """The last day for a dispute, if it has passed and the member opened none."""
        return None if self.disputes else self._closed_on

    @cached_property
    def _closed_on(self) -> date | None:
        """The last day for a dispute, if it has passed: that of the rule, or of the year."""
        days = last_day_to_object(self.assessed_at, self.dispute_days), self.settled_after
        last = min(filter(None, days), default=None)
        return last if last and self.on and self.on > last else None

    @property
    def is_full(self) -> bool:
        return self.worth == self.gross

    @property
    def lacks_room(self) -> bool:
        """Whether other study of its day reduces it, by an overlap or by a cap within the day."""
        return bool(self.overlap_cut or (self.cap_cut and self.cap_reason != Cap.YEAR))

    @property
    def short_why(self) -> str:
        """Why it counts for less, in a few words."""
        if self._has_gone:
            return gettext("at the other row")
        if self.own_cut or self.is_full:
            return str(OwnCut(self.own_reason).label)
        return str(Cap(self.cap_reason).label) if self.cap_cut else gettext("counted elsewhere")

    @property
    def why(self) -> str:
        """How the hours follow from the evidence and the rule, in a sentence."""
        facts = {
            "gross": format_hours(self.gross),
            "hours": format_hours(self.worth),
            "version": self.rule_version,
            "cuts": gettext("; ").join(self._cuts()),
        }
        if not self.is_full:
            in_part = str(_IN_PART) % facts
            if self.beside:
                others = gettext("; ").join(self.beside)
                text = gettext("%(why)s On that day also counts: %(others)s.")
                return text % {"why": in_part, "others": others}
            return in_part
        in_full = ngettext(
            "The %(gross)s credit hour counts (rule version %(version)s).",
            "All %(gross)s credit hours count (rule version %(version)s).",
            grammatical_number(self.gross),
        )
        return in_full % facts

    @property
    def _has_gone(self) -> bool:
        """Whether the record is valid, but the other of two merged rows holds its hours."""
        return self.cause == AssessmentCause.MERGED and self.own_reason == OwnCut.WITHDRAWN

    def _cuts(self) -> list[str]:
        cuts = []
        if self._has_gone:
            cuts.append(str(_WENT_BACK if self.is_of_other else _WENT_OVER))
        elif self.own_cut:
            text = _OWN_CUTS[OwnCut(self.own_reason)]
            if (self.own_reason, self.cause) == (OwnCut.WITHDRAWN, AssessmentCause.CORRECTED):
                text = _TAKEN_OFF  # the record itself is valid
            cuts.append(str(text) % {"cut": format_hours(self.own_cut)})
        if self.overlap_cut:
            cuts.append(str(_OVERLAP) % {"cut": format_hours(self.overlap_cut)})
        if self.cap_cut:
            facts = {"cut": format_hours(self.cap_cut), "cap": format_hours(self.cap or ZERO)}
            cuts.append(str(_CAPS[Cap(self.cap_reason)]) % facts)
        return cuts

    @property
    def recorded(self) -> str:
        """Who recorded it, and when."""
        return _format_act(self.recorded_by, self.recorded_at)

    @property
    def passed(self) -> str:
        """Who passed it for the school, and when; empty if no review was needed."""
        if self.passed_by is None or self.passed_at is None:
            return ""
        return _format_act(self.passed_by, self.passed_at)

    @property
    def changes(self) -> list[tuple[Line, Line]]:
        """Each version with the version that it replaced, newest first."""
        versions = [self, *self.earlier]
        return list(pairwise(versions))

    @property
    def cause_label(self) -> str:
        return str(AssessmentCause(self.cause).label)

    @property
    def status(self) -> str | None:
        """The mark on the roll at the assessment; None if it was withdrawn or is not of a roll."""
        if not self.is_of_roll or self.own_reason == OwnCut.WITHDRAWN:
            return None
        is_full = self.own_reason == OwnCut.NONE
        return AttendanceStatus.PRESENT.value if is_full else self.own_reason

    @property
    def status_label(self) -> str:
        return str(AttendanceStatus(self.status).label) if self.status else ""

    @property
    def category_label(self) -> str:
        return str(CreditCategory(self.category).label)

    @property
    def study_kind_label(self) -> str:
        return str(StudyKind(self.study_kind).label) if self.study_kind else ""
