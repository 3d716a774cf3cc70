"""Items not yet counted in a member's hours: pending, returned, disputed.

They are one more column of the statement that reads the member, so the page needs no extra
statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.hours import ZERO
from hours.enums import UNFINISHED_DISPUTES, DisputeState, DisputeVerdict
from rolls.hours_source import ATTENDED_SQL
from studies.enums import CATEGORY_OF_KIND, StudyState
from studies.hours_source import STUDY_WORTH

_CATEGORY = " ".join(
    f"WHEN '{kind.value}' THEN '{category.value}'" for kind, category in CATEGORY_OF_KIND.items()
)
_UNFINISHED = ", ".join(f"'{state.value}'" for state in UNFINISHED_DISPUTES)
_YEAR = "date_trunc('year', %(as_of)s::date)::date AND %(as_of)s::date"

# Unsubmitted rolls of past days with the member on the roster. Drafts that mark the member as not
# attended are left out. If two rows of the member are on the roster, the session counts once.
_ROLLS = f"""
SELECT DISTINCT ON (session.id)
       class.title, session.number::integer AS session_number, session.held_on,
       session.hours::text AS hours, 'roll' AS state, '' AS reason
FROM classes_enrolment enrolment
JOIN courses_session session ON session.training_class_id = enrolment.training_class_id
JOIN courses_trainingclass class ON class.id = enrolment.training_class_id
WHERE enrolment.member_id IN (SELECT id FROM own)
  AND enrolment.sessions @> session.number::int AND session.called_off_at IS NULL
  AND session.held_on BETWEEN {_YEAR} AND session.held_on < %(on)s::date
  AND NOT EXISTS (SELECT FROM classes_roll roll
                  WHERE roll.session_id = session.id AND roll.state = 'submitted')
  AND NOT EXISTS (SELECT FROM rolls_attendance mark
                  WHERE mark.session_id = session.id AND mark.member_id = enrolment.member_id
                    AND mark.status NOT IN {ATTENDED_SQL})
"""  # noqa: S608 - fixed text, no input

# Submitted records of study that name the member and are not reviewed yet, returned, or withdrawn,
# with the worth of all their days by the rule and the reason of the last review. A record that
# names the member by two rows counts once.
_STUDIES = f"""
SELECT study.topic AS title, NULL::integer AS session_number, study.held_on,
       (worth.hours * study.days)::text AS hours, study.state,
       coalesce((SELECT reason FROM studies_studyreview review WHERE review.study_id = study.id
                 ORDER BY review.id DESC LIMIT 1), '') AS reason
FROM studies_study study
JOIN hours_creditrule rule
     ON rule.category = CASE study.kind {_CATEGORY} END AND rule.period @> study.held_on
{STUDY_WORTH}
WHERE study.id IN (SELECT study_id FROM studies_studyparticipant
                   WHERE member_id IN (SELECT id FROM own))
  AND study.round > 0 AND study.state <> 'approved' AND study.held_on BETWEEN {_YEAR}
"""  # noqa: S608 - fixed text, no input

# Disputes of the year, and of earlier years while they are pending.
_DISPUTES = f"""
SELECT dispute.id, dispute.assessment_id, dispute.occurred_on, dispute.state,
       coalesce((SELECT verdict FROM hours_disputeentry entry
                 WHERE entry.dispute_id = dispute.id AND entry.verdict <> ''
                 ORDER BY entry.id DESC LIMIT 1), '') AS verdict,
       coalesce(class.title, study.topic, dispute.missing) AS subject
FROM hours_dispute dispute
LEFT JOIN hours_assessment line ON line.id = dispute.assessment_id
LEFT JOIN classes_roll roll ON roll.source_id = line.source_id
LEFT JOIN courses_session session ON session.id = roll.session_id
LEFT JOIN courses_trainingclass class ON class.id = session.training_class_id
LEFT JOIN studies_study study ON study.source_id = line.source_id
WHERE dispute.member_id IN (SELECT id FROM own)
  AND dispute.occurred_on <= %(as_of)s::date
  AND (dispute.state IN ({_UNFINISHED}) OR dispute.occurred_on BETWEEN {_YEAR})
"""  # noqa: S608 - fixed text, no input

# For a member; `own` has the member's row and those merged into it. The parameters are `on`, and
# `as_of`, the day of judgement of the year.
PENDING_ITEMS = f"""
json_build_object(
    'waiting', (SELECT json_agg(item ORDER BY held_on DESC, title)
                FROM (({_ROLLS}) UNION ALL {_STUDIES}) item),
    'disputes', (SELECT json_agg(item ORDER BY id DESC) FROM ({_DISPUTES}) item)
)
"""  # noqa: S608 - fixed text, no input

# Whether there can be pending items or open declarations.
MAY_HAVE_PENDING = f"""
EXISTS ({_ROLLS})
OR EXISTS (SELECT FROM studies_studyparticipant participant
           JOIN studies_study study ON study.id = participant.study_id
           WHERE participant.member_id IN (SELECT id FROM own) AND study.state <> 'approved')
OR EXISTS (SELECT FROM hours_dispute WHERE member_id IN (SELECT id FROM own))
"""  # noqa: S608 - fixed text, no input
NOTHING_PENDING = """'{"waiting": null, "disputes": null}'::json"""

_WHY = {
    "roll": gettext_lazy("the roll is not submitted yet"),
    StudyState.SUBMITTED: gettext_lazy("waits for review"),
    StudyState.CHECKED: gettext_lazy("passed by the community, waits for the school"),
}
_RETURNED = {
    StudyState.DRAFT: gettext_lazy("returned: %(reason)s"),
    StudyState.WITHDRAWN: gettext_lazy("taken back: %(reason)s"),
}


@dataclass(frozen=True)
class Waiting:
    """Study that does not count (yet); `hours` is what it would be worth."""

    title: str
    session_number: int | None
    held_on: date
    hours: Decimal
    state: str
    reason: str

    @classmethod
    def of(cls, item: dict[str, Any]) -> Waiting:
        """Build one from a row of `_ROLLS` or `_STUDIES`."""
        day = date.fromisoformat(item["held_on"])
        return cls(**item | {"held_on": day, "hours": Decimal(item["hours"])})

    @property
    def is_pending(self) -> bool:
        """Whether it may still count without a change."""
        return self.state in _WHY

    @property
    def why(self) -> str:
        """Why it does not count, in a few words."""
        if self.is_pending:
            return str(_WHY[self.state])
        return str(_RETURNED[StudyState(self.state)]) % {"reason": self.reason}


@dataclass(frozen=True)
class OwnDispute:
    """A dispute of the member, for a list."""

    id: int
    assessment_id: int | None
    occurred_on: date
    state: str
    verdict: str
    subject: str

    @classmethod
    def of(cls, item: dict[str, Any]) -> OwnDispute:
        """Build one from a row of `_DISPUTES`."""
        return cls(**item | {"occurred_on": date.fromisoformat(item["occurred_on"])})

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED_DISPUTES

    @property
    def is_withdrawn(self) -> bool:
        return self.state == DisputeState.WITHDRAWN

    @property
    def state_label(self) -> str:
        """The state, and the last verdict if the dispute is over."""
        state = str(DisputeState(self.state).label)
        if self.is_unfinished or not self.verdict:
            return state
        answer = DisputeVerdict(self.verdict).label
        return _("%(state)s: %(answer)s") % {"state": state, "answer": answer}


@dataclass(frozen=True)
class PendingItems:
    """Items that are in no total."""

    pending: list[Waiting]
    returned: list[Waiting]
    disputes: list[OwnDispute]

    @property
    def pending_hours(self) -> Decimal:
        return sum((item.hours for item in self.pending), ZERO)

    @property
    def returned_hours(self) -> Decimal:
        return sum((item.hours for item in self.returned), ZERO)


def read_pending(column: dict[str, list[dict[str, Any]] | None]) -> PendingItems:
    """The items of a row of `PENDING_ITEMS`."""
    waiting = [Waiting.of(item) for item in column["waiting"] or []]
    disputes = [OwnDispute.of(item) for item in column["disputes"] or []]
    return PendingItems(
        [item for item in waiting if item.is_pending],
        [item for item in waiting if not item.is_pending],
        disputes,
    )
