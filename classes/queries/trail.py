"""How the audit trail displays what acts on rosters, leave and materials say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from accounts.trail import register_fact, register_reference
from classes.models import ClassMaterial
from courses.models import TrainingClass
from trainees.models import Member


def register_facts_of_rosters() -> None:
    """Register how facts about rosters and leave are displayed."""
    label = TrainingClass._meta.label_lower
    register_reference("member", gettext_lazy("member"), Member, of=label)
    register_reference("enrolled", gettext_lazy("got a place"), Member, of=label)
    register_reference("waiting", gettext_lazy("wait for a place"), Member, of=label)
    register_reference("monitor", gettext_lazy("monitor"), Member, of=label)
    register_fact("from_session", gettext_lazy("from session"), of=label)
    register_fact("file_name", gettext_lazy("name of the file"), of=ClassMaterial._meta.label_lower)
    register_fact("pocket", gettext_lazy("phone pocket number"), of=label)
    register_fact("moved", gettext_lazy("members with another group, seat or pocket"), of=label)
