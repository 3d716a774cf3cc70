"""In which words the audit trail shows the facts of acts on study records and their reviews."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from accounts.trail import register_fact, register_reference
from backstage.exports import word_from
from studies.enums import ReviewStep, ReviewVerdict
from studies.models import Study
from studies.queries.studies import format_members


def register_facts_of_studies() -> None:
    """Register the words of these facts; `studies.wiring` calls it at start-up.

    `of` keeps a word to study records, since other apps have facts of that name in other words. A
    step and a verdict are facts of the review, and mean the same wherever they are named.
    """
    study = Study._meta.label_lower
    register_fact("members", gettext_lazy("members"), format_members, of=study)
    register_fact("added", gettext_lazy("added"), format_members, of=study)
    register_fact("removed", gettext_lazy("taken off"), format_members, of=study)
    register_fact("step", gettext_lazy("step"), word_from(ReviewStep.choices))
    register_fact("verdict", gettext_lazy("verdict"), word_from(ReviewVerdict.choices))
    register_reference("declarations", gettext_lazy("declarations taken over"), Study)
