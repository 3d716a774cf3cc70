"""Registers rolls, the door, cards and papers with the registries of the apps below."""

from django.utils.translation import gettext_lazy as _

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, SLIP_ROLES, Role
from backstage.exports import register_export, register_filter, word_from
from backstage.menu import MenuLink, register_link
from backstage.parts import Part, register_part
from backstage.tasklist import register_lookup, register_tasks
from config.lib.pages import register_pages
from hours.kept_sums import register_kept_sums
from hours.source_kinds import register_checks, register_source_kind
from rolls.actions.attendance_totals import settle_attendance_totals
from rolls.exports import EXPORTS_OF_ROLLS
from rolls.filters import STATE_LABELS
from rolls.hours_source import ROLL
from rolls.models import WalkIn
from rolls.notices import register_notices
from rolls.queries.attendances import list_wrong_totals
from rolls.queries.joint import read_joint_marks
from rolls.queries.rolls import read_waiting_rolls
from rolls.queries.tasks import reopening_tasks, roll_tasks, walk_in_tasks
from rolls.queries.trail import register_facts_of_rolls
from trainees.queries.trail import register_of_members

TOTALS = "the totals of attendances are those of their marks"
_STAFF = SCHOOL_ROLES | DISTRICT_ROLES


def register() -> None:
    """Register everything this app provides."""
    register_source_kind(ROLL)
    register_kept_sums(settle_attendance_totals)
    register_checks({TOTALS: list_wrong_totals})
    register_notices()
    register_pages(
        {
            "sessions": "rolls:sessions",
            "roll": "rolls:roll",
            "session_evidence": "rolls:session_evidence",
            "sign_in_sheet": "rolls:sign_in_sheet",
            "my_code": "rolls:my_code",
        }
    )
    register_part(Part("home", "rolls/waiting_rolls.html", read_waiting_rolls))
    register_part(Part("joint_class", "rolls/joint_marks.html", read_joint_marks))
    register_link(MenuLink(_("Sessions and rolls"), "rolls:sessions", 30, _STAFF))
    register_tasks(roll_tasks, rank=10)
    register_tasks(reopening_tasks, rank=20)
    register_tasks(walk_in_tasks, rank=30)
    register_lookup(_("My sign-in code"), "rolls:my_code", [Role.MEMBER], rank=160)
    register_lookup(_("Sessions and rolls"), "rolls:sessions", _STAFF, rank=200)
    register_lookup(_("Member cards"), "rolls:cards", SLIP_ROLES, rank=290)
    register_of_members(WalkIn)
    register_facts_of_rolls()
    for export in EXPORTS_OF_ROLLS:
        register_export(export)
    register_filter("due", _("State"), word_from(STATE_LABELS.items()), rank=60)
    register_filter("title", _("Title or number of the class"), rank=210)
