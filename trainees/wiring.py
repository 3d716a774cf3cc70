"""Registers members, the register, organisations and slips with the lower apps."""

from django.utils.translation import gettext_lazy as _

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, SLIP_ROLES
from accounts.interests import register_person
from accounts.pending_accounts import register_pending_accounts
from accounts.roles import register_role_source
from accounts.trail import register_finder
from backstage.exports import format_stored_day, register_export, register_filter, word_from
from backstage.founding import register_founding_step
from backstage.imports.reasons import register_reasons
from backstage.jobs import register_kind
from backstage.menu import MenuLink, register_link
from backstage.pending_kinds import register_pending_kind
from backstage.tasklist import register_lookup, register_tasks
from config.lib.filters import yes_or_no
from config.lib.pages import register_pages
from schools.enums import Audience
from trainees.actions.slip_proposals import MEMBER_SLIP, STAFF_SLIP
from trainees.enums import AccountState, RowKind
from trainees.exports import EXPORTS_OF_MEMBERS
from trainees.imports.reasons import SENTENCES
from trainees.jobs import KINDS
from trainees.permissions import roles_in_force
from trainees.queries.holders import accounts_of, rows_of
from trainees.queries.pending_accounts import PENDING_ACCOUNTS, security_tasks
from trainees.queries.tasks import import_tasks, merge_tasks, register_step, slip_tasks
from trainees.queries.trail import find_by_number, register_facts_of_members

_STAFF = SCHOOL_ROLES | DISTRICT_ROLES


def register() -> None:
    """Register everything."""
    register_role_source(roles_in_force)
    for slip in (STAFF_SLIP, MEMBER_SLIP):
        register_pending_kind(slip)
    register_person(rows=rows_of, accounts=accounts_of)
    for due in PENDING_ACCOUNTS:
        register_pending_accounts(due)
    for kind in KINDS:
        register_kind(kind)
    register_pages(
        {
            "account_slip": "trainees:account_slip",
            "organisation": "trainees:organisation",
            "organisations": "trainees:organisations",
        }
    )
    register_link(MenuLink(_("Organisations"), "trainees:organisations", 60, _STAFF))
    register_link(MenuLink(_("Accounts and slips"), "trainees:slips", 85, SLIP_ROLES))
    _register_home()
    register_reasons(SENTENCES)
    register_finder(find_by_number)
    register_facts_of_members()
    for export in EXPORTS_OF_MEMBERS:
        register_export(export)
    _register_filters()


def _register_home() -> None:
    register_founding_step(register_step, rank=80)
    register_tasks(import_tasks, rank=60)
    register_tasks(merge_tasks, rank=70)
    register_tasks(slip_tasks, rank=100)
    register_lookup(_("Organisations"), "trainees:organisations", _STAFF, rank=250)
    register_lookup(_("Accounts and slips"), "trainees:slips", SLIP_ROLES, rank=280)
    register_tasks(security_tasks, rank=300)


def _register_filters() -> None:
    register_filter("audience", _("Audience"), word_from(Audience.choices), rank=50)
    register_filter("state", _("Account"), word_from(AccountState.choices), rank=140)
    register_filter("closed", _("Closed ones as well"), lambda _value: yes_or_no(True), rank=150)
    register_filter("above", _("Directly below"), rank=160)
    register_filter("on", _("As of the day"), format_stored_day, rank=170)
    register_filter("import", _("Import of the register"), rank=180)
    register_filter("rows", _("Rows by kind"), word_from(RowKind.choices), rank=190)
    register_filter("name", _("Name, pinyin initials or code"), rank=220)
    register_filter("q", _("Name, pinyin initials or member number"), rank=230)
