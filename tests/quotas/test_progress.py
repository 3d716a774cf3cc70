"""Claimed against actual: every figure is what its list shows, and the district's is not a sum."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role
from accounts.models import User
from config.lib.month_charts import draw_months
from config.lib.periods import at_local
from courses.models import JoiningSchool, Module
from hours.actions.balances import settle_balances
from hours.forecast import FORECAST_SQL, forecast_hours
from quotas.actions.tasks import Target
from quotas.enums import Measure
from quotas.projection import project, same_day
from quotas.queries.actuals import cell_of, read_actuals
from quotas.queries.months import list_months
from quotas.queries.progress import Progress, lines_of
from rolls.actions.attendance import submit_roll
from schools.enums import Audience
from schools.models import School
from tests import factories
from tests.evidence import merge_rows
from tests.factories import acting
from tests.quotas.world import QuotaWorld
from trainees.models import Member

pytestmark = pytest.mark.django_db

NOW = at_local(date(2026, 6, 30), 20)
DAY = date(2026, 6, 2)


class TaughtWorld(QuotaWorld):
    """Two schools that teach: a secretary attends at both, an ordinary member at one."""

    def __init__(self) -> None:
        super().__init__()
        branch = factories.make_organisation(self.school)
        self.secretary = factories.make_leader(branch)
        self.ordinary = factories.make_member(branch, "王芳")
        self.away = factories.make_member(factories.make_organisation(self.other), "李雷")
        self.teach(self.school, self.clerk, self.secretary, self.ordinary)
        self.teach(self.other, factories.make_clerk(self.other), self.secretary, self.away)

    def teach(self, school: School, clerk: User, *members: Member) -> None:
        """A class of one morning in May that these members attended."""
        training_class = factories.make_class(school)
        factories.enrol(training_class, *members)
        session = factories.make_session(training_class)
        submit_roll(
            session_id=session.pk,
            marks={member.pk: "present" for member in members},
            seen={},
            by=acting(clerk),
            at=session.ends_at + timedelta(hours=1),
        )

    @property
    def schools(self):
        return [self.school, self.other]

    @property
    def keys(self):
        return [school.pk for school in self.schools]


@pytest.fixture
def w() -> TaughtWorld:
    return TaughtWorld()


def test_a_member_of_two_schools_counts_at_each_and_once_in_the_district(w):
    found = read_actuals(w.keys, 2026, NOW)

    def at(measure, audience="", school=None):
        return found.amount(cell_of(measure, audience, None, school))

    assert at("person_times") == at("person_times", school=w.school.pk) * 2 > 0
    assert [at("members", school=key) for key in (*w.keys, None)] == [2, 2, 3]
    assert [at("members", "secretaries", key) for key in (*w.keys, None)] == [1, 1, 1]
    assert [at("events", school=key) for key in (*w.keys, None)] == [1, 1, 2]
    assert at("training_hours") == at("hours") > 0


def test_two_rows_of_a_person_are_one_distinct_member_of_one_audience(w):
    merge_rows(w.secretary, w.away, at=NOW)

    found = read_actuals(w.keys, 2026, NOW)

    def at(measure, audience=""):
        schools = (*w.keys, None)
        return [found.amount(cell_of(measure, audience, None, school)) for school in schools]

    assert at("person_times") == [2, 2, 4]
    assert at("members") == [2, 1, 2]
    assert at("members", "secretaries") == [1, 1, 1]
    assert at("person_times", "secretaries") == [1, 2, 3]
    for audience, people in (("", 2), ("secretaries", 1), ("ordinary", 1)):
        months = list_months("members", audience, None, school_ids=w.keys, year=2026, now=NOW)
        assert sum(months) == people


def test_shares_are_of_the_members_of_a_school_wherever_they_studied(w):
    factories.make_member(factories.make_organisation(w.other, "第二党支部"), "韩梅")

    found = read_actuals(w.keys, 2026, NOW)

    shares = [found.amount(cell_of("trained", "", None, key)) for key in (*w.keys, None)]
    assert shares == [100, 50, 75]
    assert found.amount(cell_of("on_target", "", None, w.school.pk)) == 0


def test_every_figure_is_what_its_list_shows(w):
    client = Client()
    officer = factories.make_user()
    factories.grant(officer, Role.DISTRICT_SCHOOL)
    client.force_login(officer)
    w.publish(
        *(Target(measure, Decimal(9)) for measure in Measure),
        Target("person_times", Decimal(9), "secretaries"),
        Target("events", Decimal(9), "ordinary"),
    )
    page = client.get(reverse("quotas:progress"), {"year": 2026}).context

    for line, standing, address, _is_chosen in page["lines"]:
        rows = client.get(address).context
        shown = rows["page_obj"].paginator.count
        if line.measure in {"training_hours", "hours"}:
            shown = rows["total"]
        if line.measure in {"trained", "on_target"}:
            counted = client.get(reverse("years:members"), {"year": 2026, "outcome": "counted"})
            whole = counted.context["page_obj"].paginator.count
            shown = round(Decimal(shown) * 100 / whole, 1)
        assert shown == standing.done, line.label


def test_a_class_that_others_join_counts_at_the_school_that_holds_it(w):
    [training_class] = w.school.classes.all()
    JoiningSchool.objects.create(training_class=training_class, school=w.other)
    w.publish(*(Target(measure, Decimal(9)) for measure in ("events", "person_times", "members")))
    client = Client()

    for clerk in (w.clerk, factories.make_clerk(w.other)):
        client.force_login(clerk)
        page = client.get(reverse("quotas:progress"), {"year": 2026}).context
        shown = [
            client.get(address).context["page_obj"].paginator.count
            for _line, _standing, address, _is_chosen in page["lines"]
        ]
        assert [standing.done for _line, standing, *_rest in page["lines"]] == shown == [1, 2, 2]

    found = read_actuals(w.keys, 2026, NOW)
    assert found.amount(cell_of("events", "", None)) == 2


def test_shares_of_members_read_what_is_kept_and_what_is_not_settled(w):
    def shares() -> list[Decimal]:
        found = read_actuals(w.keys, 2026, NOW, outside=True)
        keys = (*w.keys, None)
        return [found.amount(cell_of("trained", "", None, key)) for key in keys]

    live = shares()
    settle_balances(on=NOW.date())
    assert shares() == live == [100, 100, 100]
    factories.make_member(factories.make_organisation(w.other, "第二党支部"), "韩梅")
    unsettled = shares()
    settle_balances(on=NOW.date())
    assert shares() == unsettled == [100, 50, 75]


def test_the_cells_of_audience_and_module_open_their_rows(w):
    client = Client()
    client.force_login(w.clerk)
    measures = ("person_times", "members", "events")
    w.publish(*(Target(measure, Decimal(9)) for measure in measures))

    for measure in measures:
        page = client.get(
            reverse("quotas:progress"), {"year": 2026, "task_line": f"{measure}.all.all"}
        ).context
        assert page["chosen"].measure == measure
        for part in page["parts"]:
            for value, address, _head in part["cells"]:
                assert client.get(address).context["page_obj"].paginator.count == value


def test_audiences_are_those_of_the_register(w):
    found = read_actuals(w.keys, 2026, NOW)
    module = Module.objects.get(classes__school=w.school)

    for measure, school in product(("person_times", "training_hours"), (None, w.school.pk)):
        parts = [found.amount(cell_of(measure, one, None, school)) for one in Audience.values]
        assert sum(parts) == found.amount(cell_of(measure, "", None, school))
        assert found.amount(cell_of(measure, "", module.pk, school)) <= sum(parts)


def test_months_add_up_to_the_figure(w):
    found = read_actuals(w.keys, 2026, NOW)
    for measure in ("events", "person_times", "members", "training_hours", "hours"):
        months = list_months(measure, "", None, school_ids=w.keys, year=2026, now=NOW)
        assert sum(months) == found.amount(cell_of(measure, "", None))
        ordinary = list_months(measure, "ordinary", None, school_ids=w.keys, year=2026, now=NOW)
        assert sum(ordinary) == found.amount(cell_of(measure, "ordinary", None))


def test_a_line_stands_beside_its_claims_and_last_year(w):
    w.publish(Target("events", Decimal(20)), Target("trained", Decimal(90)))
    w.accept(2, 90)

    progress = Progress(w.schools, 2026, NOW)
    events, trained = lines_of(2026)

    own = progress.of_school(events, w.school)
    assert (own.done, own.claimed, own.share, own.before) == (1, 2, 50, 0)
    assert not own.is_behind  # without last year the pace goes on: 1 of 181 days gives 2
    assert progress.of_school(events, w.other).claimed is None
    assert progress.of_line(trained).claimed == 0  # the other school promises nothing yet
    assert progress.of_line(trained).expected is None


@pytest.mark.parametrize(
    ("measure", "done", "before", "by_then", "expected"),
    [
        ("person_times", 300, 1000, 600, 500),
        ("person_times", 301, 1000, 600, 501),
        ("training_hours", 10, 30, 24, Decimal("12.5")),
        ("events", 100, 0, 0, 201),
        ("events", 100, 40, 0, 201),
        ("events", 100, 40, 40, 100),
        ("events", 100, 40, 24, 201),
        ("events", 100, 50, 25, 200),
        ("trained", 50, 80, 40, None),
    ],
)
def test_the_projection_follows_last_year_or_the_pace(measure, done, before, by_then, expected):
    ahead = project(
        measure,
        Decimal(done),
        on=date(2026, 6, 30),
        before=Decimal(before),
        before_by_then=Decimal(by_then),
    )
    assert ahead == expected


def test_there_is_no_projection_in_the_first_weeks():
    facts = {"before": Decimal(10), "before_by_then": Decimal(1)}
    assert project("events", Decimal(2), on=date(2026, 2, 1), **facts) is None
    assert same_day(date(2028, 2, 29), 2027) == date(2027, 2, 28)


def test_the_forecast_is_one_rule_in_both_languages(django_assert_num_queries):
    from django.db import connection

    for done, on in product(("0", "7.25", "15", "33.5"), (DAY, date(2026, 11, 30))):
        values = {"days": 365, "gone": on.timetuple().tm_yday}
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {FORECAST_SQL.format(done=done + '::numeric')}", values)
            assert cursor.fetchone()[0] == forecast_hours(Decimal(done), on)


def test_the_chart_draws_sums_up_to_now():
    added, before = [Decimal(2)] * 12, [Decimal(1)] * 12

    chart = draw_months(
        added, before, months_gone=3, reached=2.5, claimed=Decimal(24), expected=Decimal(20)
    )

    assert len(chart.this_year.split()) == 4
    assert len(chart.last_year.split()) == 13
    assert chart.projection.split()[0] == chart.this_year.split()[-1]
    assert chart.target == "12.0"


def test_the_page_costs_the_same_for_any_number_of_lines_and_schools(
    w, django_assert_max_num_queries
):
    client = Client()
    client.force_login(w.officer)
    w.publish(Target("events", Decimal(20)))

    def statements() -> int:
        with django_assert_max_num_queries(60) as captured:
            assert client.get(reverse("quotas:progress"), {"year": 2026}).status_code == 200
        return len(captured)

    statements()
    few = statements()
    for number in range(3):
        factories.make_school(f"12011120{number}", f"新{number}镇")
    assert statements() == few


def test_the_pages_say_what_they_show(w):
    w.publish()
    w.accept(12, 250)
    client = Client()
    client.force_login(w.officer)
    with translation.override("zh-hans"):
        for name in ("tasks", "claims", "progress", "warnings"):
            page = client.get(reverse(f"quotas:{name}"), {"year": 2026})
            assert page.status_code == 200
        assert (
            "2026 年度任务" in client.get(reverse("quotas:tasks"), {"year": 2026}).content.decode()
        )
