"""Registers a member's year, disputes, documents and overviews with the registries below."""

from django.utils.translation import gettext_lazy as _

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, SERVING_ROLES, Role
from backstage.exports import register_export, register_filter, word_from
from backstage.menu import MenuLink, register_link
from backstage.tasklist import register_lookup, register_tasks
from config.lib.pages import register_pages
from hours.enums import YEARLY_GROUPS
from hours.filters import DISPUTE_STAGES
from hours.queries.clocks import CLOCK_STATE_LABELS
from hours.source_kinds import register_checks
from trainees.enums import DepartureKind
from trainees.queries.trail import register_of_members
from years.exports import EXPORTS_OF_YEARS
from years.filters import CLOCK_GROUPS, VERDICT_LABELS
from years.models import IssuedDocument
from years.queries.document_checks import DOCUMENT_CHECKS
from years.queries.tasks import list_clock_tasks, list_dispute_tasks, own_tasks

_STAFF = SCHOOL_ROLES | DISTRICT_ROLES
_MEMBER = frozenset({Role.MEMBER})


def register() -> None:
    """Register everything this app provides."""
    register_checks(DOCUMENT_CHECKS)
    register_pages(
        {
            "add_member": "years:add_member",
            "answer_dispute": "years:answer_dispute",
            "check_document": "years:check_document",
            "attendances": "years:attendances",
            "attendees": "years:attendees",
            "classes": "years:classes",
            "entries": "years:entries",
            "duplicates": "years:duplicates",
            "decide_dispute": "years:decide_dispute",
            "dispute": "years:dispute",
            "disputes": "years:disputes",
            "member_hours": "years:member_hours",
            "members": "years:members",
            "my_classes": "years:my_classes",
            "my_hours": "years:my_hours",
            "overview": "years:overview",
            "record_departure": "years:record_departure",
            "return_member": "years:return_member",
            "take_back_departure": "years:take_back_departure",
        }
    )
    register_link(MenuLink(_("My credit hours"), "years:my_hours", 10, _MEMBER))
    register_link(MenuLink(_("Find a member"), "years:served_members", 20, SERVING_ROLES))
    register_link(MenuLink(_("Overview"), "years:overview", 40, _STAFF))
    register_link(MenuLink(_("Members"), "years:members", 50, _STAFF))
    _register_home()
    register_of_members(IssuedDocument)
    for export in EXPORTS_OF_YEARS:
        register_export(export)
    register_filter("stage", _("State"), word_from(DISPUTE_STAGES.items()), rank=80)
    rules = word_from((group.value, group.label) for group in YEARLY_GROUPS)
    register_filter("rule", _("Rule"), rules, rank=90)
    register_filter("outcome", _("Verdict"), word_from(VERDICT_LABELS.items()), rank=100)
    register_filter("clock", _("Owed by"), word_from(CLOCK_GROUPS.items()), rank=104)
    register_filter("clock_state", _("State"), word_from(CLOCK_STATE_LABELS.items()), rank=106)
    register_filter("leaving", _("Reason of leaving"), word_from(DepartureKind.choices), rank=110)
    register_filter("member", _("Member number"), rank=200)


def _register_home() -> None:
    register_tasks(list_dispute_tasks, rank=80)
    register_tasks(list_clock_tasks, rank=85)
    register_tasks(own_tasks, rank=150)
    register_lookup(_("Classes that I could join"), "years:my_classes", _MEMBER, rank=180)
    register_lookup(_("Disputes"), "years:disputes", _STAFF, rank=220)
    register_lookup(_("Overview by school"), "years:overview", _STAFF, rank=230)
    register_lookup(_("Members and their hours"), "years:members", _STAFF, rank=240)
    register_lookup(_("Find a member"), "years:served_members", SERVING_ROLES, rank=270)
