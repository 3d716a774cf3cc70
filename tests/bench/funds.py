"""The money of a school with 5,000 lines in its year: its pages beside the district's overview."""

from __future__ import annotations

from django.db import connection, transaction

from config.lib.periods import today
from funding.models import FundLeg, FundTransaction
from schools.models import School
from tests.bench.figures import Row, compare, require_truth
from tests.bench.pages import OFFICER, Page

LINES = 5000
TURNS = 15

# Adjustments of a school's first allocation of the year by one yuan each; triggers do the rest.
_ADJUST = """
INSERT INTO funding_fundtransaction (school_id, channel, kind, allocation_id, reason, posted_at,
                                     posted_by_id)
SELECT school_id, channel, 'adjustment', allocation_id, 'x', now(), posted_by_id
FROM funding_fundtransaction CROSS JOIN generate_series(1, %(lines)s)
WHERE id = %(first)s
RETURNING id
"""
_MOVE = """
INSERT INTO funding_fundleg (transaction_id, school_id, channel, year, purpose, stage, amount)
SELECT posted.id, leg.school_id, leg.channel, leg.year, leg.purpose, leg.stage, sign(leg.amount)
FROM unnest(%(posted)s) AS posted (id)
JOIN funding_fundleg leg ON leg.transaction_id = %(first)s
ORDER BY posted.id, leg.id
"""


def add_lines(school: School) -> None:
    """Fill up the school's money of this year to that many transactions."""
    own = FundTransaction.objects.filter(school=school, legs__year=today().year).distinct()
    first = own.filter(kind="allocation").order_by("pk")[0]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ADJUST, {"lines": LINES - own.count(), "first": first.pk})
        posted = [key for (key,) in cursor.fetchall()]
        cursor.execute(_MOVE, {"posted": posted, "first": first.pk})


def measure_funds(port: int, overview: Page, school: School) -> list[Row]:
    """Each page beside the overview, within the ratio that the overview itself is asked for.

    The account also tells apart what each leg reverses.
    """
    add_lines(school)
    of_school = f"?year={today().year}&school={school.pk}"
    pages = {
        "fund": Page(port, "funding:fund", OFFICER, args=(school.pk,)),
        "figures": Page(port, "fund_reports:figures", OFFICER, query=of_school),
        "account": Page(port, "fund_reports:account", OFFICER, query=of_school),
        "costs": Page(port, "fund_reports:costs", OFFICER, query=of_school),
    }
    rows = [
        compare(
            f"{name} of {LINES} lines, beside the overview",
            asked=2 if name == "account" else 1.4,
            turns=TURNS,
            limit=overview.open,
            ours=page.open,
        )
        for name, page in pages.items()
    ]
    lines = FundLeg.objects.filter(school=school, year=today().year).values("transaction")
    is_long = lines.distinct().count() == LINES
    is_paged = b"page=2" in pages["fund"].body and b"page=2" in pages["account"].body
    return [*rows, require_truth("fund: all lines, paged", is_true=is_long and is_paged)]
