"""`manage.py seed_demo`: the demo district, from network to ledger, in one transaction."""

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.models import F, Model
from django.utils import translation
from django.utils.functional import Promise

from accounts.audit import record_act
from accounts.enums import ActorChannel, Role
from accounts.models import AuditEntry, User
from accounts.origin import Actor
from backstage.founding import SEEDED
from backstage.models import Message, StoredFile
from config.lib.database_roles import as_owner
from config.lib.periods import at_local, today
from config.lib.rows import column_of
from courses.demo import seed_courses
from dispatch.demo import seed_dispatch
from funding.demo import seed_funding
from hours.actions.balances import rebuild_balances, years_with_hours
from instructors.demo import seed_instructors
from quotas.demo import seed_quotas
from schools.demo import DemoPlan, seed_schools
from schools.demo.officers import DEMO_PASSWORD
from schools.demo.plan import FEWEST_MEMBERS, FIRST_YEAR, FULL_MEMBERS
from schools.enums import Audience
from schools.models import District, Organisation, School, Township
from trainees.enums import PostKind
from trainees.models import Member
from years.demo import seed_members_and_hours

# An arbitrary number, the same in all runs, so that concurrent runs take turns.
_LOCK = 1201112019
_DEFAULT_SEED = 20190101
_UNREAD_FOR = timedelta(days=7)
_LINE = "{:<46} {:<22} {:<20} {}"

# What a site has at the latest once somebody has begun to found it.
_OF_A_SITE: tuple[type[Model], ...] = (
    District, Township, School, Organisation, Member, User, StoredFile,
)  # fmt: skip

# Tables that this role may vacuum and analyse: its own, and (since PostgreSQL 17) those with a
# granted MAINTAIN privilege.
_MAINTAINABLE = """
SELECT c.relname FROM pg_class c
WHERE c.relname = ANY(%s) AND c.relnamespace = current_schema()::regnamespace
  AND CASE WHEN current_setting('server_version_num')::int >= 170000
           THEN has_table_privilege(c.oid, 'MAINTAIN')
           ELSE pg_has_role(c.relowner, 'USAGE') END
ORDER BY c.relname
"""


class Command(BaseCommand):
    help = (
        "Fill an empty database with the demo district. Does nothing where it is there already, "
        "and refuses any other database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", type=int, help="training year (default: this year)")
        parser.add_argument("--members", type=int, default=FULL_MEMBERS)
        parser.add_argument("--seed", type=int, default=_DEFAULT_SEED, help="of chance")
        parser.add_argument(
            "--on",
            type=date.fromisoformat,
            help="the demo's today, YYYY-MM-DD (default: today, or 30 June of another year)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        plan = _plan(**{name: options[name] for name in ("year", "members", "seed", "on")})
        started = time.monotonic()
        with transaction.atomic():
            is_there = _is_there()
            if not is_there:
                self.stdout.write(f"Seeding {plan.members} members as of {plan.on} …")
                self.stdout.flush()
                _seed(plan)
                rebuild_balances(years_with_hours(plan.on), on=plan.on)
        if is_there:
            self.stdout.write("The demo district is there already; nothing was changed.")
        else:
            self._tidy()
            self.stdout.write(f"Done in {time.monotonic() - started:.1f} s.")
        self._print_accounts()

    def _tidy(self) -> None:
        """Update the planner's statistics and the visibility map for index-only scans.

        Both need the owner of the tables, which the site may not have configured. The tables that
        this role may not maintain are left to autovacuum, with a message.
        """
        if connection.in_atomic_block:  # the caller's transaction may still be rolled back
            return
        tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
        with as_owner() as owner, owner.cursor() as cursor:
            cursor.execute(_MAINTAINABLE, [tables])
            maintainable = [owner.ops.quote_name(name) for name in column_of(cursor)]
            if maintainable:
                cursor.execute(f"VACUUM (ANALYZE) {', '.join(maintainable)}")
        if len(maintainable) < len(tables):
            self.stdout.write(f"{len(tables) - len(maintainable)} tables are left to autovacuum.")

    def _print_accounts(self) -> None:
        """Print the demo accounts, role first, if the settings allow a demo."""
        if not settings.DEMO:
            self.stdout.write("Accounts to sign in with: only with DEMO=1.")
            return
        rows = list(_list_accounts())
        if not rows:
            self.stdout.write("No demo accounts: the district was seeded without DEMO=1.")
            return
        self.stdout.write("")
        for row in [("Role", "Sign-in name", "Password", "角色"), *rows]:
            self.stdout.write(_LINE.format(*row))


def _plan(year: int | None, members: int, seed: int, on: date | None) -> DemoPlan:
    """The plan from the options. Raises CommandError if they do not fit together."""
    now = today()
    year = year or (on or now).year
    on = on or (now if now.year == year else date(year, 6, 30))
    if on.year != year:
        raise CommandError(f"--on {on} does not lie in --year {year}.")
    if year < FIRST_YEAR:
        raise CommandError(
            f"--year: {FIRST_YEAR} or later; the district changed in the year before."
        )
    if members < FEWEST_MEMBERS:
        raise CommandError(f"--members: {FEWEST_MEMBERS} at least, for a tree in every township.")
    return DemoPlan(year=year, members=members, seed=seed, on=on)


def _is_there() -> bool:
    """Whether the demo district exists. A second run waits here until the first has ended.

    A demo is known by the entry of its seeding in the trail, since a real site may be of the same
    district. Raises CommandError if the database holds anything else but what migrations bring.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if AuditEntry.objects.filter(act=SEEDED).exists():
        return True
    counts = {model: model._default_manager.count() for model in _OF_A_SITE}
    with translation.override("en"):
        held = [
            f"{count} {names.verbose_name if count == 1 else names.verbose_name_plural}"
            for names, count in ((model._meta, count) for model, count in counts.items())
            if count
        ]
    if held:
        raise CommandError(
            f"This database is no demo, and holds {', '.join(held)}; the demo wants an empty one."
        )
    return False


def _seed(plan: DemoPlan) -> None:
    """Seed all apps in the order of their layers; the close of last year locks its money."""
    schools = seed_schools(plan)
    instructors = seed_instructors(plan, schools)
    classes = seed_courses(plan, schools, instructors)
    seed_dispatch(plan, schools)
    seed_members_and_hours(plan, schools, classes)
    seed_funding(plan)
    seed_quotas(plan)
    _read_old_messages(plan)
    record_act(
        act=SEEDED,
        obj=District.objects.get(),
        by=Actor(None, ActorChannel.COMMAND),
        after={"year": plan.year, "members": plan.members, "seed": plan.seed, "on": plan.on},
    )


def _read_old_messages(plan: DemoPlan) -> None:
    """People have read what they were told more than a week ago."""
    old = Message.objects.filter(written_at__lt=at_local(plan.on - _UNREAD_FOR, 0))
    old.update(read_at=F("written_at"))


def _list_accounts() -> Iterator[tuple[str, str, str, str]]:
    """Yields role in English, sign-in name, password, role in Chinese."""
    for user in User.objects.filter(is_demo=True).order_by("id"):
        label = _label(user)
        with translation.override("en"):
            english = str(label)
        with translation.override("zh-hans"):
            chinese = str(label)
        yield english, user.username, DEMO_PASSWORD, chinese


def _label(user: User) -> Promise | str:
    """The person's role: the granted role, else lecturer, secretary or ordinary member."""
    grant = user.role_grants.order_by("id").first()
    if grant is not None:
        return Role(grant.role)._label_
    if hasattr(user, "instructor"):
        return Role.LECTURER._label_
    if user.member.posts.filter(kind=PostKind.SECRETARY).exists():
        return Role.BRANCH_SECRETARY._label_
    return Audience.ORDINARY._label_
