"""Print the table. Exit status: 1 if a target is missed, 2 if nothing could be measured.

With the argument `backups` it measures making and restoring a backup instead, which take long.
With `city` it reconciles 1.2 million members with 24 million entries.
With `month [ACTS [SEED]]` it does a month of random acts and looks whether everything holds.
"""

import gzip
import os
import signal
import sys
import time
from types import FrameType

import django

from config.embedded import DatabaseUnavailable
from dev.children import RunError
from tests.bench.browser import UnexpectedReply
from tests.bench.database import MEMBERS, SetUpFailed, own_database, vacuum
from tests.bench.portal import serve


def measure() -> int:
    """Create the database, serve the portal, measure and print; returns 1 if a target is missed."""
    started = time.monotonic()
    print(f"Making a database of {MEMBERS:,} members …", flush=True)
    with own_database():
        django.setup()
        # Models need the settings, which need the database.
        from schools.models import School
        from tests.bench.balances import measure_balances
        from tests.bench.classes import add_lessons
        from tests.bench.crowd import make_crowd
        from tests.bench.figures import HEAD
        from tests.bench.funds import measure_funds
        from tests.bench.ledger_check import measure_ledger_check
        from tests.bench.limits import Limits
        from tests.bench.pages import (
            OFFICER,
            Page,
            measure_member_page,
            measure_overview,
            open_member_page,
        )
        from tests.bench.rates import measure_rates
        from tests.bench.reconciliation import measure_reconciliation
        from tests.bench.registers import measure_register
        from tests.bench.rolls import ASKED, CLERK, ROLLS, Clerk, measure_rolls
        from tests.bench.stock_page import stock_page

        vacuum()
        checks = measure_ledger_check()
        school = School.objects.get(role_grants__user__username=CLERK)
        lessons = add_lessons(school, [size for size in ASKED for _ in range(2 * ROLLS)])
        vacuum()
        print(f"Made in {time.monotonic() - started:.0f} s; measuring …", flush=True)
        with serve() as port, stock_page() as stock:
            limits = Limits()
            overview = Page(port, "years:overview", OFFICER)
            member_page, user = open_member_page(port)
            crowd = make_crowd(port)
            vacuum()
            clerk = Clerk(port, limits)
            rows = [
                *measure_overview(overview, limits),
                *measure_balances(limits),
                *measure_member_page(member_page, user, limits),
                *measure_rates(port, crowd, stock),
                *measure_rolls(clerk, lessons),
                *measure_funds(port, overview, school),
                *measure_register(),
                *checks,
                *measure_reconciliation(),
            ]
            limits.close()
        weights = {"member's own page": member_page.body, "overview": overview.body} | {
            f"roll of {size}": body for size, body in clerk.pages.items()
        }
    print(HEAD, *rows, sep="\n")
    kilobytes = (f"{name} {len(gzip.compress(body)) / 1024:.1f}" for name, body in weights.items())
    print(f"Pages compressed (kB): {', '.join(kilobytes)}")
    print(f"{time.monotonic() - started:.0f} s in all")
    return 0 if all(row.is_reached for row in rows) else 1


def measure_backups() -> int:
    """Create the database and measure backups alone; returns 1 if a target is missed."""
    print(f"Making a database of {MEMBERS:,} members …", flush=True)
    with own_database():
        django.setup()
        from tests.bench import backups
        from tests.bench.figures import HEAD

        vacuum()
        rows = backups.measure_backups()
    print(HEAD, *rows, sep="\n")
    return 0 if all(row.is_reached for row in rows) else 1


def measure_whole_city() -> int:
    """Reconcile 1.2 million members; returns 1 if a target is missed."""
    started = time.monotonic()
    print("Making a database of 1.2 million members …", flush=True)
    with own_database():
        django.setup()
        from tests.bench.city import measure_city
        from tests.bench.figures import HEAD

        # Each as it comes: the whole takes long.
        print(HEAD, flush=True)
        rows = []
        for row in measure_city():
            print(row, flush=True)
            rows.append(row)
    print(f"{time.monotonic() - started:.0f} s in all")
    return 0 if all(row.is_reached for row in rows) else 1


def measure_month(asked: int = 4000, seed: int = 1) -> int:
    """Create the database and live a month in it; returns 1 if something does not hold."""
    print(f"Making a database of {MEMBERS:,} members …", flush=True)
    with own_database():
        django.setup()
        from tests.bench.month.run import run_month

        vacuum()
        return 0 if run_month(asked, seed) else 1


def _stop(_signal_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Measure in a separate environment, and clean up afterwards."""
    for signal_number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, _stop)
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings.dev", "DEMO": "1", "DEBUG": "0"}
    os.environ.pop("RELOAD", None)
    try:
        match sys.argv[1:]:
            case ["backups"]:
                return measure_backups()
            case ["city"]:
                return measure_whole_city()
            case ["month", *numbers]:
                return measure_month(*map(int, numbers))
            case _:
                return measure()
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    except (DatabaseUnavailable, SetUpFailed, RunError, UnexpectedReply) as error:
        print(error, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
