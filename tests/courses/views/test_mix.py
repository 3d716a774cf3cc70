"""The page of the mix, and the form by which the academic officer sets its rule."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import Role
from accounts.models import AuditEntry
from accounts.trail import list_changes
from config.lib.periods import at_local, last_day, period, today
from courses.enums import Strand
from courses.errors import CoursesError
from courses.menu_actions import set_mix
from courses.mix import Target
from courses.models import Course, Module, StrandShare
from tests import factories
from tests.refusals import refused
from tests.schools.views.test_schools import browser, send

pytestmark = pytest.mark.django_db
MIX = "/mix/"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def module() -> Module:
    return Module.objects.get(code="governance")


def targets(*percents: int, tolerance: int = 5) -> dict[Strand, Target]:
    pairs = zip(Strand, percents, strict=True)
    return {strand: Target(Decimal(percent), Decimal(tolerance)) for strand, percent in pairs}


class TestThePage:
    @pytest.fixture
    def world(self) -> factories.ClassWorld:
        """Four hours of practice, half a year from now."""
        world = factories.ClassWorld(size=1)
        world.session.delete()
        factories.make_session(
            world.training_class, starts_at=at_local(today() + timedelta(days=1), 9)
        )
        return world

    @pytest.fixture
    def year(self) -> str:
        return str((today() + timedelta(days=1)).year)

    def lines(self, page, module):
        shown = next(table for table, _ in page.context["modules"] if table.mix.module == module)
        return {line.label: line for line in shown.lines}

    def test_shows_each_share_beside_its_rule(self, world, module, year):
        page = browser(Role.SCHOOL_CLERK, world.school).get(MIX, {"year": year})

        lines = self.lines(page, module)
        practice = lines["grassroots practice"]
        assert (practice.rule, practice.planned.share) == ("40% ± 5", "100%")
        assert (practice.band_from, practice.band_width) == ("35", "10")
        assert lines["role models"].planned.share == "0%"
        assert practice.delivered.share == "–"
        assert "too much" in page.content.decode()

    def test_says_which_courses_bring_it_inside(self, world, module, year):
        for strand, hours in ((Strand.THEORY, "4"), (Strand.ROLE_MODELS, "2")):
            Course.objects.create(
                code=f"G-{strand}", title=f"讲{strand}", module=module, strand=strand, hours=hours
            )

        text = browser(Role.SCHOOL_CLERK, world.school).get(MIX, {"year": year}).content.decode()

        assert "Add political theory: 1 × 4 credit hours." in text
        assert "Add role models: 1 × 2 credit hours." in text
        assert "讲theory" in text

    def test_a_school_sees_its_own_sessions_alone(self, world, module, year):
        other = factories.make_school("120111005", "津门湖街道")

        page = browser(Role.SCHOOL_CLERK, other).get(
            MIX, {"year": year, "school": str(world.school.pk)}
        )

        assert self.lines(page, module)["grassroots practice"].planned.hours == 0
        assert world.school.name not in page.content.decode()

    def test_schools_and_audiences_lead_to_their_part(self, world, year):
        factories.make_school("120111005", "津门湖街道")
        page = browser(Role.DISTRICT_SCHOOL).get(MIX, {"year": year})

        (school,) = page.context["by_school"]
        (audience,) = page.context["by_audience"]
        assert f"school={world.school.pk}" in school.url
        assert "audience=ordinary" in audience.url
        narrowed = browser(Role.DISTRICT_SCHOOL).get(school.url)
        assert narrowed.context["by_school"] == []

    def test_costs_the_same_for_more_sessions_and_courses(self, world, module, year):
        client = browser(Role.DISTRICT_SCHOOL)

        def count() -> int:
            with CaptureQueriesContext(connection) as statements:
                client.get(MIX, {"year": year})
            return len(statements)

        Course.objects.create(code="T", title="理论", module=module, strand=Strand.THEORY, hours=4)
        count()  # the first page of a browser asks more
        few = count()
        for number in range(8):
            Course.objects.create(
                code=f"T{number}", title="理论", module=module, strand=Strand.THEORY, hours=4
            )
            factories.make_session(
                world.training_class,
                starts_at=at_local(today() + timedelta(days=1), 13) + timedelta(hours=number),
                ends_at=at_local(today() + timedelta(days=1), 14) + timedelta(hours=number),
            )

        assert count() == few


class TestTheRule:
    @pytest.fixture
    def officer(self):
        user = factories.make_user()
        factories.grant(user, Role.DISTRICT_SCHOOL)
        return factories.acting(user)

    def set(self, module, officer, on, *percents, **fields):
        set_mix(
            module_id=module.pk,
            targets=targets(*(percents or (50, 30, 20)), **fields),
            on=on,
            by=officer,
            at=timezone.now(),
        )

    def test_holds_from_its_day_and_leaves_the_past(self, module, officer):
        self.set(module, officer, today(), 50, 30, 20, tolerance=3)

        shares = StrandShare.objects.filter(module=module, strand="theory").order_by("period")
        before, after = shares
        assert (before.percent, last_day(before.period)) == (40, today() - timedelta(days=1))
        assert (after.percent, after.tolerance, after.period) == (50, 3, period(today()))
        assert (
            StrandShare.objects.exclude(module=module).filter(period__contains=today()).count() == 6
        )

    def test_replaces_what_was_set_for_later(self, module, officer):
        self.set(module, officer, today() + timedelta(days=30), 30, 40, 30)
        self.set(module, officer, today(), 50, 30, 20)

        days = StrandShare.objects.filter(module=module, period__contains=today())
        assert {share.percent for share in days} == {50, 30, 20}
        later = today() + timedelta(days=60)
        assert StrandShare.objects.filter(module=module, period__contains=later).count() == 3

    def test_the_trail_says_what_it_was_and_is(self, module, officer):
        self.set(module, officer, today(), 50, 30, 20)

        changes = list_changes(AuditEntry.objects.get(act="set_mix"))
        assert ("Political theory", "40% ± 5", "50% ± 5") in changes

    def test_what_changes_nothing_writes_nothing(self, module, officer):
        self.set(module, officer, today(), 40, 40, 20)

        assert StrandShare.objects.filter(module=module).count() == 3
        assert not AuditEntry.objects.filter(act="set_mix").exists()

    def test_shares_are_a_hundred_together(self, module, officer):
        with refused(CoursesError, "100 per cent together"):
            self.set(module, officer, today(), 50, 30, 10)

    def test_a_year_that_is_over_keeps_its_mix(self, module, officer):
        last_year = today().replace(month=1, day=1) - timedelta(days=1)

        with refused(CoursesError, "keeps its mix") as caught:
            self.set(module, officer, last_year)

        assert caught.value.field == "on"

    def test_a_clerk_sets_none(self, module):
        clerk = factories.make_clerk(factories.make_school())

        with refused(PermissionDenied):
            self.set(module, factories.acting(clerk), today())

    def test_the_form_begins_with_the_rule_and_sets_the_next(self, module):
        client = browser(Role.DISTRICT_SCHOOL)
        url = reverse("courses:mix_rule", args=[module.pk])
        form = client.get(url).context["form"]
        assert form["theory"].value() == 40
        assert form["tolerance"].value() == 5

        reply = send(client, url, theory="45", practice="35")

        assert reply.status_code == 302
        now = StrandShare.objects.get(module=module, strand="theory", period__contains=today())
        assert now.percent == 45

    def test_a_sum_of_less_is_said_on_the_page(self, module):
        client = browser(Role.DISTRICT_SCHOOL)
        url = reverse("courses:mix_rule", args=[module.pk])

        reply = send(client, url, theory="45")

        assert reply.status_code == 422
        assert "The shares are 100 per cent together." in reply.content.decode()

    def test_every_rule_stands_with_its_days_and_a_coming_one_is_seen(self, module, officer):
        day = today() + timedelta(days=30)
        self.set(module, officer, day, 50, 30, 20, tolerance=4)
        client = browser(Role.DISTRICT_SCHOOL)

        page = client.get(reverse("courses:mix_rule", args=[module.pk]))

        now, coming = page.context["rules"]
        assert (now[1], coming[1]) == (False, True)
        assert "political theory 50% ± 4" in coming[2]
        assert "A rule is coming for" in client.get(MIX).content.decode()

    def test_what_was_set_is_said(self, module):
        client = browser(Role.DISTRICT_SCHOOL)
        url = reverse("courses:mix_rule", args=[module.pk])

        reply = send(client, url, theory="45", practice="35", role_models="20")

        page = client.get(reply.url).content.decode()
        assert "political theory 45% ± 5" in page
        assert "The mix of" in page
