"""Registers rosters, leave, materials, ratings and supervision with the lower apps."""

from django.utils.translation import gettext_lazy as _

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, Role
from backstage.exports import register_export
from backstage.menu import MenuLink, register_link
from backstage.tasklist import register_lookup, register_tasks
from classes.exports import EXPORTS_OF_CLASSES
from classes.models import CalendarFeed, LeaveRequest
from classes.notices import register_notices
from classes.queries.own_leaves import LEAVE_CHECKS
from classes.queries.tasks import (
    leave_tasks,
    material_lookups,
    rating_tasks,
    supervision_tasks,
    teaching_tasks,
)
from classes.queries.trail import register_facts_of_rosters
from config.lib.pages import register_pages
from hours.source_kinds import register_checks
from trainees.queries.trail import register_of_members


def register() -> None:
    """Register everything."""
    register_notices()
    register_pages(
        {
            "training_class": "classes:training_class",
            "lecturer": "classes:lecturer",
            "calendar": "classes:teaching_calendar",
            "my_teaching": "classes:my_teaching",
        }
    )
    register_tasks(leave_tasks, rank=90)
    register_tasks(supervision_tasks, rank=110)
    register_tasks(rating_tasks, rank=120)
    register_tasks(teaching_tasks, rank=130)
    register_tasks(material_lookups, rank=140)
    register_lookup(_("My timetable"), "classes:my_timetable", [Role.MEMBER], rank=170)
    register_lookup(
        _("Supervision notes"),
        "classes:supervision_notes",
        SCHOOL_ROLES | DISTRICT_ROLES,
        rank=210,
    )
    _register_lecturers()
    register_of_members(LeaveRequest, CalendarFeed)
    register_facts_of_rosters()
    register_checks(LEAVE_CHECKS)
    for export in EXPORTS_OF_CLASSES:
        register_export(export)


def _register_lecturers() -> None:
    staff, teaching = SCHOOL_ROLES | DISTRICT_ROLES, frozenset({Role.LECTURER})
    register_link(MenuLink(_("My teaching"), "classes:my_teaching", 15, teaching))
    register_lookup(_("My teaching"), "classes:my_teaching", teaching, rank=172)
    register_link(MenuLink(_("Calendar"), "classes:teaching_calendar", 32, staff))
    register_lookup(_("Calendar"), "classes:teaching_calendar", staff, rank=202)
    register_link(MenuLink(_("Lecturers"), "classes:lecturers", 68, staff))
    register_lookup(_("Lecturers"), "classes:lecturers", staff, rank=262)
