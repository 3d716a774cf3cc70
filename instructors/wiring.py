"""Registers nominations of lecturers with the registries of the apps below."""

from django.utils.translation import gettext_lazy as _

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES
from backstage.exports import register_filter, word_from
from backstage.tasklist import register_lookup, register_tasks
from instructors.enums import NominationState
from instructors.queries.tasks import nomination_tasks

_STAFF = SCHOOL_ROLES | DISTRICT_ROLES


def register() -> None:
    """Register everything."""
    register_tasks(nomination_tasks, rank=87)
    register_lookup(_("Nominations of lecturers"), "instructors:nominations", _STAFF, rank=263)
    register_filter("nomination_state", _("State"), word_from(NominationState.choices), rank=82)
