"""Registers booking and dispatch with the registries of the apps below."""

from django.utils.translation import gettext_lazy as _

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, Role
from backstage.exports import register_filter, word_from
from backstage.menu import MenuLink, register_link
from backstage.tasklist import register_lookup, register_tasks
from dispatch.enums import LetterStage
from dispatch.filters import OWNERS
from dispatch.queries.tasks import desk_tasks, lecturer_tasks, school_tasks

_STAFF = SCHOOL_ROLES | DISTRICT_ROLES


def register() -> None:
    """Register everything."""
    register_tasks(lecturer_tasks, rank=24)
    register_tasks(school_tasks, rank=26)
    register_tasks(desk_tasks, rank=28)
    register_link(MenuLink(_("Booking letters"), "dispatch:letters", 66, frozenset(_STAFF)))
    desk = frozenset({Role.DISTRICT_SCHOOL})
    register_link(MenuLink(_("Dispatch desk"), "dispatch:queue", 67, desk))
    register_lookup(_("Booking letters"), "dispatch:letters", _STAFF, rank=207)
    register_lookup(_("Dispatch desk"), "dispatch:queue", desk, rank=208)
    register_lookup(_("Dispatch plan"), "dispatch:plan", desk, rank=209)
    lecturers = [Role.LECTURER]
    register_lookup(_("My engagements"), "dispatch:my_engagements", lecturers, rank=174)
    register_filter("letter_stage", _("State"), word_from(LetterStage.choices), rank=84)
    register_filter("letter_owner", _("Worked on by"), word_from(OWNERS.items()), rank=85)
