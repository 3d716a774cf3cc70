"""Do the acts, then look whether everything holds."""

from __future__ import annotations

import tempfile
import threading
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import connection
from django.utils import timezone

from accounts.audit import find_broken_digests
from accounts.chain.checking import list_chain_findings
from accounts.chain.sealing import seal_acts, set_heads_aside
from accounts.records import RecordError
from config.lib.errors import PortalError
from config.lib.periods import at_local, local_date
from config.lib.years import FIRST_YEAR
from hours.queries.ledger_check import list_findings
from hours.queries.members import MemberLines
from schools.models import School
from schools.queries.open_years import first_open_year
from tests.bench.month.acts import ACTS, Act, Chance
from tests.bench.month.people import Cast, make_cast
from tests.bench.month.recount import ledger, recount

THREADS = 4
MONTH = timedelta(days=30)
SEAL_EVERY = 100
# What an action may answer instead of acting. Anything else is a fault.
REFUSALS = (PortalError, RecordError, PermissionDenied, ObjectDoesNotExist)
# Member, year: verdict, owed, done.
type Verdicts = dict[tuple[int, int], tuple[str, Decimal, Decimal]]


@dataclass
class Month:
    """What happened, counted by act; shared by the threads."""

    cast: Cast
    asked: int
    begun: int = 0
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_number(self) -> int | None:
        """The number of the next act; None when all have begun."""
        with self.lock:
            if self.begun == self.asked:
                return None
            self.begun += 1
            return self.begun


def run_month(asked: int, seed: int) -> bool:
    """Do so many acts, print what came of them, and return whether everything holds."""
    settings.CHAIN_HEADS = Path(tempfile.mkdtemp()) / "heads.jsonl"
    now = timezone.now()
    set_heads_aside(now)
    # Across New Year: in January facts of the year before may still be entered.
    began = max(now, at_local(date(local_date(now).year, 12, 16), 9))
    cast = make_cast(Random(seed), began)
    before = list_verdicts(began)
    month = Month(cast, asked)
    started = time.monotonic()
    threads = [
        threading.Thread(target=_live, args=(month, Random(f"{seed}-{n}"))) for n in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _print_acts(month, time.monotonic() - started)
    return _look(before, month, began)


def list_verdicts(at: datetime) -> Verdicts:
    """The verdict of each member for each closed year."""
    on = local_date(at)
    schools = list(School.objects.values_list("pk", flat=True))
    return {
        (line.member_id, year): (line.verdict.outcome, line.owed, line.done)
        for year in range(FIRST_YEAR, first_open_year(on))
        for line in MemberLines(school_ids=schools, year=year, on=on, outside=True).iterator()
    }


def _live(month: Month, rng: Random) -> None:
    acts, weights = list(ACTS), list(ACTS.values())
    try:
        while (number := month.next_number()) is not None:
            at = month.cast.begins + MONTH * number / month.asked
            if number % SEAL_EVERY == 0:
                seal_acts(at=timezone.now())
            while True:
                act = rng.choices(acts, weights)[0]
                [place] = rng.choices(month.cast.places, (3, 1))
                chance = Chance(month.cast, place, rng, at)
                if _do(month, act, chance):
                    break
    finally:
        connection.close()


def _do(month: Month, act: Act, chance: Chance) -> bool:
    """Whether there was anything to do the act on."""
    name = act.__name__
    try:
        if not act(chance):
            return False
    except REFUSALS as error:
        with month.lock:
            month.refused[name] += 1
            month.reasons[f"{name}: {type(error).__name__} {error}"[:100]] += 1
    except Exception:  # noqa: BLE001 - whatever it is, it is counted as a fault
        with month.lock:
            month.faults.append(f"{name}: {traceback.format_exc()}")
    else:
        with month.lock:
            month.done[name] += 1
    return True


def _print_acts(month: Month, seconds: float) -> None:
    print(f"{'act':<20} {'done':>6} {'refused':>8}")
    for act in ACTS:
        name = act.__name__
        print(f"{name:<20} {month.done[name]:>6} {month.refused[name]:>8}")
    print(
        f"{month.asked:,} acts in {seconds:.0f} s: {month.done.total():,} done, "
        f"{month.refused.total():,} refused, {len(month.faults)} faults"
    )
    for reason, count in month.reasons.most_common(25):
        print(f"  {count:>4} × {reason}")
    for fault in month.faults[:10]:
        print(fault)


def _look(before: Verdicts, month: Month, began: datetime) -> bool:
    seal_acts(at=timezone.now())
    found = [*list_findings(), *list_chain_findings(at=timezone.now())]
    broken = find_broken_digests()
    counted, posted = recount(), ledger()
    apart = {
        key: (counted.get(key), posted.get(key))
        for key in counted.keys() | posted.keys()
        if counted.get(key) != posted.get(key)
    }
    after = list_verdicts(began)
    moved = {
        key: (before.get(key), after.get(key))
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    }
    for finding in found:
        print(f"finding: {finding.check}: {finding.count} {finding.examples}")
    for title, wrong in (("recount and ledger", apart), ("verdict", moved)):
        for key, pair in sorted(wrong.items())[:10]:
            print(f"{title} of member and year {key}: {pair[0]} | {pair[1]}")
    print(
        f"verify_ledger: {len(found)} findings, {len(broken)} broken digests; "
        f"recount: {len(counted):,} sums, {len(apart)} differ; "
        f"closed years: {len(before):,} verdicts, {len(moved)} moved"
    )
    return not (found or broken or apart or moved or month.faults)
