"""Registers jobs, the trail, and the lists and links that belong to no other app."""

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.admin_base import SEARCHED
from accounts.audit_labels import act_label
from accounts.enums import ADMINISTRATOR_ROLES, DISTRICT_ROLES, ActorChannel, CodeEnd, Role
from accounts.trail import kind_label, register_fact, register_name
from backstage.admin_exports import EXPORTS_OF_ACCOUNTS, notice_versions, pending_labels
from backstage.enums import FileKind
from backstage.exports import (
    EXPORT_KIND,
    format_filters,
    format_stored_day,
    register_export,
    register_filter,
    title_of,
    word_from,
)
from backstage.failed_jobs import failed_job_tasks
from backstage.job_export import JOBS
from backstage.jobs import format_job, register_kind
from backstage.menu import MenuLink, register_link
from backstage.messages import register_unread
from backstage.models import Job
from backstage.own_jobs import fetch_tasks
from backstage.pending_acts import pending_tasks
from backstage.status import register_status
from backstage.status_lines import (
    backup_lines,
    database_lines,
    disk_lines,
    feed_lines,
    notice_lines,
    worker_lines,
)
from backstage.tasklist import register_lookup, register_tasks
from backstage.trail_export import TRAIL
from config.lib.filters import yes_or_no
from config.lib.year_filters import OPEN_YEAR, OPEN_YEAR_LABEL, part_words

_SYSTEM = frozenset({Role.SYSTEM_ADMINISTRATOR})
_ADMINISTRATION = DISTRICT_ROLES | ADMINISTRATOR_ROLES


def register() -> None:
    """Register everything."""
    register_kind(EXPORT_KIND)
    for export in (TRAIL, JOBS, *EXPORTS_OF_ACCOUNTS):
        register_export(export)
    register_name(Job, format_job)
    register_unread()
    register_fact("list", _("list"), title_of)
    register_fact("filters", _("narrowed to"), format_filters)
    register_fact("evidence", _("evidence"), word_from(FileKind.choices))
    register_fact("file", _("file"))
    register_fact("announced_until", _("announced until"))
    register_fact("resealed", _("encrypted anew"))
    register_fact("key_version", _("version of the key"))
    register_fact("backup", _("backup"))
    register_fact("taken_at", _("as of the moment"))
    register_fact("email", _("e-mail address"))
    register_fact("version", _("version"))
    register_fact("witness", _("confirmed at the server by"))
    register_fact("codes_left", _("recovery codes left"))
    register_fact("witnesses", _("witnesses"))
    register_fact("locks_name", _("the name is locked for now"), yes_or_no)
    register_fact("locks_network", _("the network is locked for now"), yes_or_no)
    register_link(MenuLink(_("Home"), "home", rank=0))
    auditors = frozenset({Role.AUDIT_ADMINISTRATOR})
    register_link(MenuLink(_("Audit trail"), "accounts:trail", 90, auditors))
    register_link(MenuLink(_("System status"), "backstage:status", 95, _SYSTEM))
    register_link(MenuLink(_("Administration"), "admin:index", 100, _ADMINISTRATION))
    _register_home()
    _register_status()
    _register_filters_of_the_trail()
    _register_filters_of_accounts()
    _register_filters_of_years()


def _register_home() -> None:
    register_tasks(fetch_tasks, rank=5)
    register_tasks(pending_tasks, rank=105)
    register_tasks(failed_job_tasks, rank=310)
    register_lookup(_("System status"), "backstage:status", _SYSTEM, rank=325)
    notices = "admin:accounts_privacynotice_changelist"
    register_lookup(_("Privacy notices"), notices, _SYSTEM, rank=330)
    register_lookup(_("Jobs"), "admin:backstage_job_changelist", _SYSTEM, rank=331)
    register_lookup(_("Administration"), "admin:index", _ADMINISTRATION, rank=400)


def _register_status() -> None:
    register_status(database_lines, rank=20)
    register_status(worker_lines, rank=40)
    register_status(disk_lines, rank=50)
    register_status(backup_lines, rank=60)
    register_status(feed_lines, rank=80)
    register_status(notice_lines, rank=85)


def _register_filters_of_the_trail() -> None:
    register_filter("from", _("From"), format_stored_day)
    register_filter("to", _("To"), format_stored_day)
    register_filter("person", _("Person: name"))
    register_filter("act", _("Act"), act_label)
    register_filter("kind", _("Kind of object"), lambda kind: capfirst(kind_label(kind)))
    register_filter("object", _("Object: name or number"))
    register_filter("channel", _("By way of"), word_from(ActorChannel.choices))


def _register_filters_of_accounts() -> None:
    register_filter(
        "is_active__exact", capfirst(_("active")), lambda value: yes_or_no(value == "1")
    )
    register_filter(
        "account_due", capfirst(_("to be done")), lambda name: pending_labels().get(name, name)
    )
    register_filter("ended_by__exact", capfirst(_("why it ended")), word_from(CodeEnd.choices))
    register_filter(
        "notice__id__exact",
        capfirst(_("privacy notice")),
        lambda key: notice_versions().get(key, key),
    )
    register_filter(SEARCHED, capfirst(_("words searched for")))


def _register_filters_of_years() -> None:
    register_filter("year", _("Year"), word_from([(OPEN_YEAR, OPEN_YEAR_LABEL)]), rank=30)
    # Month names are translated on request, in the language then active.
    register_filter(
        "part", _("Part of the year"), lambda part: part_words().get(part, part), rank=40
    )
