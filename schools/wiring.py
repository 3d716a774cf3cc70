"""Registers schools, organisations and granted roles with the registries of the apps below."""

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.admin_base import IN_FORCE
from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, Role
from accounts.roles import register_grant_source
from accounts.trail import register_finder
from backstage.exports import register_export, register_filter, word_from
from backstage.founding import register_founding_step
from backstage.imports.reasons import register_reasons
from backstage.menu import MenuLink, register_link
from backstage.pending_kinds import register_pending_kind
from backstage.tasklist import register_lookup, register_tasks
from config.lib.pages import register_pages
from schools import organisation_finder
from schools.actions.grants import DELETION, GRANT
from schools.exports import EXPORTS_OF_SCHOOLS, school_names
from schools.imports import reasons
from schools.queries import founding
from schools.queries.grants import list_grants
from schools.queries.tasks import audit_lookups
from schools.queries.trail import find_by_code, register_facts

_STAFF = SCHOOL_ROLES | DISTRICT_ROLES


def register() -> None:
    """Register everything."""
    register_reasons(organisation_finder.SENTENCES)
    register_reasons(reasons.SENTENCES)
    register_grant_source(list_grants)
    for kind in (GRANT, DELETION):
        register_pending_kind(kind)
    register_pages({"new_grant": "admin:schools_rolegrant_add"})
    register_link(MenuLink(_("Schools"), "schools:schools", 70, _STAFF))
    register_lookup(_("Schools"), "schools:schools", _STAFF, rank=260)
    townships = "admin:schools_township_changelist"
    register_lookup(_("Townships and villages"), townships, [Role.SYSTEM_ADMINISTRATOR], rank=350)
    register_tasks(audit_lookups, rank=360)
    for rank, step in enumerate(
        (
            founding.district_step,
            founding.divisions_step,
            founding.schools_step,
            founding.root_step,
            founding.tree_step,
        ),
        start=1,
    ):
        register_founding_step(step, rank=10 * rank)
    register_founding_step(founding.staff_step, rank=70)
    register_finder(find_by_code)
    register_facts()
    for export in EXPORTS_OF_SCHOOLS:
        register_export(export)
    register_filter("school", _("School"), rank=10)
    register_filter("organisation", _("Party organisation"), rank=20)
    register_filter("role__exact", capfirst(_("role")), word_from(Role.choices))
    register_filter(
        "school__id__exact", capfirst(_("school")), lambda key: school_names().get(key, key)
    )
    register_filter("in_force", capfirst(_("in force")), word_from(IN_FORCE.items()))
