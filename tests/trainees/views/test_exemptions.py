"""Exemptions on the register card: granted and ended after a look at what follows."""

from __future__ import annotations

import pytest

from config.lib.periods import today
from tests import factories
from tests.browsers import browser_of
from tests.trainees.views.test_people import World


@pytest.fixture
def world(db):
    return World()


class TestExemptions:
    def grant(self, world, *, step="do", browser=None, **typed):
        typed = {"category": "frail", "on": f"{today().year}-01-01"} | typed
        return world.send("grant_exemption", browser=browser, step=step, **typed)

    def test_are_granted_and_ended_by_the_clerk_of_the_school(self, world):
        assert world.url("grant_exemption") in world.clerk.get(world.url("member")).text
        self.grant(world, browser=world.clerk)
        exemption = world.member.exemptions.get()
        assert world.url("end_exemption", exemption.pk) in world.clerk.get(world.url("member")).text

        world.send(
            "end_exemption",
            exemption.pk,
            browser=world.clerk,
            step="do",
            on=f"{today().year}-02-01",
        )

        exemption.refresh_from_db()
        assert exemption.period.upper.isoformat() == f"{today().year}-02-01"

    def test_are_checked_before_anything_is_stored(self, world):
        page = self.grant(world, step="check", last_day=f"{today().year}-06-30")

        assert page.status_code == 200
        assert not world.member.exemptions.exists()
        assert "is exempt (frail health) from" in page.context["effects"][0]
        assert "for the months that it touches" in page.context["effects"][1]
        assert "credit hours" in page.context["effects"][-1].lower()

    def test_that_begin_or_end_later_in_the_year_say_what_it_comes_to_from_then_on(self, world):
        last = f"{today().year}-12-31"
        page = self.grant(world, step="check", on=last)
        assert "29.5 credit hours owed" in page.context["effects"][-1]

        self.grant(world)
        exemption = world.member.exemptions.get()
        page = world.send("end_exemption", exemption.pk, step="check", on=last)
        assert "2.5 credit hours owed" in page.context["effects"][-1]

    def test_end_on_their_last_day(self, world):
        self.grant(world, last_day=f"{today().year}-06-30")

        assert world.member.exemptions.get().period.upper.isoformat() == f"{today().year}-07-01"

    def test_a_refusal_stands_at_its_field(self, world):
        page = self.grant(world, on=f"{today().year - 1}-12-31")
        assert "on" in page.context["form"].errors

        page = self.grant(world, last_day=f"{today().year - 1}-12-31")
        assert "last_day" in page.context["form"].errors
        assert not world.member.exemptions.exists()

    def test_a_clerk_of_another_school_grants_none(self, world):
        other = factories.make_school("120111005", "津门湖街道")
        stranger = browser_of(factories.make_clerk(other))

        assert stranger.get(world.url("grant_exemption")).status_code == 404
