"""Registers nominations and letters of lecturers with the registries of the apps below."""

from django.utils.translation import gettext_lazy as _

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES
from backstage.exports import register_filter, word_from
from backstage.tasklist import register_lookup, register_tasks
from instructors.enums import Corps, NominationState
from instructors.filters import LETTER_STATES
from instructors.queries.tasks import letter_tasks, nomination_tasks

_STAFF = SCHOOL_ROLES | DISTRICT_ROLES


def register() -> None:
    """Register everything."""
    register_tasks(nomination_tasks, rank=87)
    register_lookup(_("Nominations of lecturers"), "instructors:nominations", _STAFF, rank=263)
    register_tasks(letter_tasks, rank=88)
    register_lookup(_("Letters of appointment"), "instructors:letters", _STAFF, rank=264)
    register_filter("corps", _("Corps"), word_from(Corps.choices), rank=81)
    register_filter("letter_state", _("State"), word_from(LETTER_STATES.items()), rank=83)
    register_filter("nomination_state", _("State"), word_from(NominationState.choices), rank=82)
