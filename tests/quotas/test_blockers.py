"""What blocks a year opens as many rows as it counts, for the district and for each school."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from config.lib.periods import at_local
from dispatch.actions.letters import Wished
from dispatch.models import JointSchool
from quotas.blocker_registry import Blocked
from rolls.models import WalkIn
from tests import factories
from tests.admin_pages import make_officer
from tests.browsers import browser_of
from tests.dispatch.world import BookingWorld

pytestmark = pytest.mark.django_db

YEAR = 2026
LETTERS = "Booking letters that are not scheduled and agreed"
LECTURERS = "Booking letters with a lecturer who has not answered"
WALK_INS = "Walk-ins who are matched to no member"


class Open(BookingWorld):
    """Letters, engagements and walk-ins of two schools in every state."""

    def __init__(self) -> None:
        super().__init__()
        self.other = factories.make_school("120111005", "津门湖街道")
        self.submit(dates=[Wished(date(YEAR, 6, 2)), Wished(date(YEAR, 6, 9))])
        self.write()
        self.submit(dates=[Wished(date(YEAR + 1, 1, 12))])
        # One letter with two lecturers who have not answered.
        self.propose_evenings()
        guest = factories.make_booking_letter(self.other, dates=[date(YEAR, 6, 2)])
        JointSchool.objects.create(letter=guest, school=self.school)
        for school, year in ((self.school, YEAR), (self.school, YEAR - 1), (self.other, YEAR)):
            session = factories.make_session(
                factories.make_class(school), starts_at=at_local(date(year, 3, 3), 9)
            )
            WalkIn.objects.create(
                session=session,
                name="来客",
                status="present",
                recorded_at=session.ends_at,
                recorded_by=self.clerk,
            )


@pytest.fixture
def world() -> Open:
    return Open()


def blocked(client: Client) -> dict[str, Blocked]:
    page = client.get(reverse("quotas:reconciliations"), {"year": YEAR}, HTTP_ACCEPT_LANGUAGE="en")
    return {one.label: one for one in page.context["blocked"]}


def rows(client: Client, address: str) -> int:
    return client.get(address).context["page_obj"].paginator.count


@pytest.mark.parametrize(
    ("label", "count", "schools"), [(LETTERS, 3, 2), (LECTURERS, 1, 1), (WALK_INS, 2, 2)]
)
def test_the_number_of_a_blocker_is_that_of_the_rows_behind_it(world, label, count, schools):
    officer = browser_of(make_officer(Role.ORGANISATION_DEPARTMENT))

    found = blocked(officer)[label]

    assert (found.count, len(found.by_school)) == (count, schools)
    for number, address in [(found.count, found.address), *found.by_school.values()]:
        assert rows(officer, address) == number


@pytest.mark.parametrize(("label", "count"), [(LETTERS, 2), (LECTURERS, 1), (WALK_INS, 1)])
def test_a_school_opens_its_own_alone(world, label, count):
    clerk = browser_of(world.clerk)

    found = blocked(clerk)[label]

    assert found.count == rows(clerk, found.address) == count


def test_letters_that_a_school_joins_are_listed_unless_it_asks_for_what_is_open(world):
    clerk = browser_of(world.clerk)
    address = reverse("dispatch:letters")

    assert rows(clerk, address) == rows(clerk, f"{address}?letter_stage=open") + 2
    assert rows(clerk, f"{address}?year={YEAR}") == rows(clerk, address) - 1


def test_the_lists_are_fetched_as_they_are_narrowed(world):
    clerk = browser_of(world.clerk)
    for export, query in (
        ("booking-letters", "letter_stage=unanswered"),
        ("walk-ins", "year=2026"),
    ):
        reply = clerk.post(f"{reverse('backstage:export', args=[export])}?{query}")
        assert reply.status_code == 200
