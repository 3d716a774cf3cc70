"""How the audit trail displays what acts on study records and reviews say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from accounts.trail import register_fact, register_reference
from backstage.exports import word_from
from studies.enums import ReviewStep, ReviewVerdict
from studies.models import Study
from studies.queries.studies import format_members


def register_facts_of_studies() -> None:
    """Register how acts on records of study are displayed."""
    study = Study._meta.label_lower
    register_fact("members", gettext_lazy("members"), format_members, of=study)
    register_fact("added", gettext_lazy("added"), format_members, of=study)
    register_fact("removed", gettext_lazy("taken off"), format_members, of=study)
    register_fact("step", gettext_lazy("step"), word_from(ReviewStep.choices))
    register_fact("verdict", gettext_lazy("verdict"), word_from(ReviewVerdict.choices))
    register_reference("declarations", gettext_lazy("declarations taken over"), Study)
