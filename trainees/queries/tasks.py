"""Tasks of this app on a person's home page."""

from __future__ import annotations

from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import SLIP_ROLES, Role
from accounts.models import User
from accounts.roles import holds_any
from backstage.founding import FoundingStep, StepLink
from backstage.tasklist import Task
from config.lib.pages import address_of
from config.lib.periods import local_date
from trainees.enums import AccountState, ImportState
from trainees.models import Member, RegisterImport
from trainees.queries.duplicates import count_to_decide
from trainees.queries.slips import count_without_account

IMPORTS_SHOWN = 5


def import_tasks(user: User, _now: datetime) -> list[Task]:
    """Imports that wait for a decision, the newest by name, and a link to start a new one."""
    if not holds_any(user, Role.ORGANISATION_DEPARTMENT):
        return []
    waiting = RegisterImport.objects.defer("unchanged").filter(
        state__in=[ImportState.UNMAPPED, ImportState.READY]
    )
    tasks = [
        Task(
            _("Check the register %(file)s") % {"file": register.file_name},
            reverse("trainees:register_import", args=[register.pk]),
            detail=str(register.get_state_display()),
        )
        for register in waiting.order_by("-uploaded_at")[:IMPORTS_SHOWN]
    ]
    address = reverse("trainees:register_imports")
    if more := max(0, waiting.count() - IMPORTS_SHOWN):
        label = ngettext(
            "%(n)d more import waits to be checked", "%(n)d more imports wait to be checked", more
        )
        tasks.append(Task(label % {"n": more}, address))
    return [*tasks, Task(_("Import the register"), address, is_lookup=True)]


def register_step(_on: date) -> FoundingStep:
    """The members, who come by the register."""
    count = Member.objects.count()
    text = ngettext("%(n)s member.", "%(n)s members.", count)
    office = frozenset({Role.ORGANISATION_DEPARTMENT})
    link = StepLink(_("Import the register"), reverse("trainees:register_imports"), office)
    return FoundingStep(
        "register",
        _("Member register"),
        count > 0,
        there=text % {"n": f"{count:,}"} if count else "",
        missing=_("The members, from the register of the office."),
        # Not the tree: a register may propose the branches that are not there yet.
        needs=("divisions", "root"),
        links=(link,),
        roles=office,
    )


def merge_tasks(user: User, _now: datetime) -> list[Task]:
    """Merge proposals of other officers to decide on, and a link to members listed twice."""
    if not holds_any(user, Role.ORGANISATION_DEPARTMENT):
        return []
    address = address_of("duplicates")
    tasks = []
    if n := count_to_decide(user):
        label = ngettext("Decide on %(n)d merge of members", "Decide on %(n)d merges of members", n)
        tasks.append(Task(label % {"n": n}, address))
    return [*tasks, Task(_("Members listed twice"), address, is_lookup=True)]


def slip_tasks(user: User, now: datetime) -> list[Task]:
    """Members without an account whom the person serves; the department's would be too many."""
    if holds_any(user, Role.ORGANISATION_DEPARTMENT) or not holds_any(user, *SLIP_ROLES):
        return []
    n = count_without_account(user, local_date(now), now)
    if not n:
        return []
    label = ngettext(
        "Print a slip for %(n)s member without an account",
        "Print slips for %(n)s members without an account",
        n,
    )
    url = f"{reverse('trainees:slips')}?state={AccountState.NONE}"
    return [Task(label % {"n": f"{n:,}"}, url, _("With the code of a slip a member gets in."))]
