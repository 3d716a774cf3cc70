"""A member's page and the overview: over HTTP, and with one SQL statement each."""

import html
import re
import time
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from backstage.templatetags.figures import hours, number
from config.lib.periods import calendar_year, today
from hours.models import CreditEntry
from hours.queries.balances import balance_source
from schools.demo.officers import DEMO_PASSWORD
from schools.enums import Audience
from schools.models import School
from tests.bench.browser import Browser
from tests.bench.figures import Row, compare, require_truth
from tests.bench.limits import Limits
from trainees.models import Member
from years.queries.hours import get_own_year
from years.queries.overview import figure_values, figures_sql, hours_done

OFFICER = "org.department"
HALF_DAY = 4  # the hours of the shortest training that counts for a leading post
MEMBER_TURNS = 101
DASHBOARD_TURNS = 15
_MEMBER_FACTS = (
    *("number", "name", "organisation", "school", "owed", "source"),
    *("source_id", "owner_id", "line_version", "gross_hours", "own_cut", "own_reason"),
    *("overlap_cut", "cap_cut", "cap_reason", "cause", "reason", "hours", "status", "kind"),
    *("title", "course", "place", "host", "assessed_at", "assessed_by"),
)
_FIGURES = (
    *("classes", "due", "person_times", "members"),
    *("concentrated", "collective", "other", "counted", "met", "exempt", "out"),
)
_FIGURE = re.compile(r'<div>\s*<a href="[^"]*[?]school=\d*&amp;year=[^"]*"[^>]*>\s*([^<]*?)\s*</a>')


class Page:
    """A page that one user opens repeatedly."""

    def __init__(
        self,
        port: int,
        name: str,
        username: str,
        *,
        args: tuple[object, ...] = (),
        query: str = "",
    ) -> None:
        self.browser = Browser(port)
        self.browser.sign_in(reverse("accounts:sign_in"), username, DEMO_PASSWORD)
        self.request = self.browser.get_bytes(reverse(name, args=args) + query)
        self.body = self.browser.send(self.request).require(200).body

    def open(self) -> float:
        """Open the page; returns the seconds taken."""
        started = time.perf_counter()
        reply = self.browser.send(self.request)
        seconds = time.perf_counter() - started
        self.body = reply.require(200).body
        return seconds


def open_member_page(port: int) -> tuple[Page, int]:
    """The page of the demo member with the most lines this year, and the account's id.

    Only a year that counts alike throughout, since the limit's statement has no months.
    """
    day = today()
    this_year = Count("assessments", filter=Q(assessments__credit_year=day.year))
    members = (
        Member.objects.filter(user__is_demo=True)
        .annotate(lines=this_year)
        .select_related("user")
        .order_by("-lines", "pk")
    )
    users = (member.user for member in members)
    user = next(user for user in users if not get_own_year(user, day.year, day).parts)
    return Page(port, "years:my_hours", user.username), user.pk


def measure_member_page(page: Page, user: int, limits: Limits) -> list[Row]:
    """Compare a member's page with one statement, in time and content."""
    day = today()
    values = {"user": user, "today": day, "year": day.year}
    row = compare(
        "member's own page",
        asked=15,
        turns=MEMBER_TURNS,
        limit=lambda: limits.read_member(values)[0],
        ours=page.open,
    )
    page.browser.close()
    return [
        row,
        require_truth(
            "member's own page: the same facts",
            is_true=_shows(page, user, limits.read_member(values)[1]),
        ),
    ]


def _shows(page: Page, user: int, rows: list[dict[str, Any]]) -> bool:
    """Whether the page's own statements yield the limit's facts, and the page shows the lines."""
    day = today()
    member_year = get_own_year(User.objects.get(pk=user), day.year, day)
    lines = [line for newest in member_year.lines for line in (newest, *newest.earlier)]
    assert member_year.verdict is not None
    ours = [
        (
            *(member_year.number, member_year.name, member_year.organisation, member_year.school),
            *(member_year.verdict.owed, member_year.rule_source),
            *(line.source_id, line.owner_id, line.version, line.gross),
            *(line.own_cut, line.own_reason, line.overlap_cut, line.cap_cut, line.cap_reason),
            *(line.cause, line.reason, line.hours, line.status, line.study_kind),
            *(line.title, line.course, line.place, line.host),
            *(line.assessed_at, line.assessed_by),
        )
        for line in lines
    ]
    raw = [tuple(row[name] for name in _MEMBER_FACTS) for row in rows]
    text = html.unescape(page.body.decode())
    return (
        ours == raw
        and text.count('class="hours-line"') == len(member_year.lines)
        and member_year.sentence in text
        and all(row["title"] in text for row in rows)
    )


def measure_overview(page: Page, limits: Limits) -> list[Row]:
    """Compare the district's overview with hand-written SQL, and check how it reads the ledger."""
    day = today()
    values = {
        "today": day,
        "year": day.year,
        "first": day.replace(month=1, day=1),
        "last": day.replace(month=12, day=31),
        "days": calendar_year(day.year),
        "half_day": HALF_DAY,
    }
    row = compare(
        "overview of the district",
        asked=1.4,
        turns=DASHBOARD_TURNS,
        limit=lambda: limits.read_figures(values)[0],
        ours=page.open,
    )
    page.open()
    shown = _FIGURE.findall(page.body.decode())
    raw = _as_shown(limits.read_figures(values)[1])
    return [
        row,
        require_truth("overview: the same figures", is_true=shown == raw),
        require_truth("overview: the ledger is not read", is_true=not _reads_ledger()),
        *(_compare_hours(limits, audience) for audience in Audience.values),
    ]


def _as_shown(schools: list[dict[str, Any]]) -> list[str]:
    """The figures as formatted on the page: a line for each school, then one for all."""
    lines = [[school[name] for name in _FIGURES] for school in schools]
    total = [sum(column) for column in zip(*lines, strict=True)]
    total[_FIGURES.index("members")] = schools[0]["members_of_all"]
    return [
        (hours if isinstance(figure, Decimal) else number)(figure)
        for line in (*lines, total)
        for figure in line
    ]


# What was posted by school and category, read from the ledger entry by entry.
PLAIN_SUM = """
SELECT school_id, category, sum(hours) FROM hours_creditentry
WHERE credit_year = %(year)s GROUP BY school_id, category
"""


def _compare_hours(limits: Limits, audience: str) -> Row:
    """The hours of an audience, which follows from the posts of today, beside the plain sum."""
    values = {"year": today().year, "as_of": today()}
    done = hours_done(None, audience)
    ours = f"SELECT school_id, category, sum(hours) FROM {done} GROUP BY school_id, category"
    return compare(
        f"hours of {audience}, plain sum",
        asked=1,
        turns=DASHBOARD_TURNS,
        limit=lambda: limits.read(PLAIN_SUM, values)[0],
        ours=lambda: limits.read(ours, values)[0],
    )


def _reads_ledger() -> bool:
    """Whether the overview's statement reads any entry."""
    now = timezone.now()
    balances = balance_source(today().year, today())
    schools = list(School.objects.values_list("pk", flat=True))
    values = figure_values(schools, today().year, now) | balances.values
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {figures_sql(balances)}", values)
        return any(CreditEntry._meta.db_table in line for (line,) in cursor.fetchall())
