"""The page of organisations that a register names and that do not exist."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.trainees.actions.test_register import Office, counts
from tests.trainees.actions.test_register_founding import NEW, upload
from trainees.models import RegisterImport

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    office = Office()
    client.force_login(office.user, "accounts.backends.PhoneOrNumberBackend")
    return office


def page_of(register: RegisterImport) -> str:
    return reverse("trainees:register_organisations", args=[register.pk])


def upload_many(office: Office, n: int) -> RegisterImport:
    """A register whose `n` rows are each of another branch that nobody knows."""
    rows = [office.row("甲", i, 所在党支部=f"第{i}小区党支部") for i in range(1, n + 1)]
    return office.upload(*rows)


def sent(client, register: RegisterImport, **changes: str):
    """The form as a browser without script sends it back."""
    form = client.get(page_of(register)).context["form"]
    data = {field.html_name: str(field.value()) for field in form if field.value()}
    return client.post(page_of(register), data | changes)


def test_three_hundred_are_shown_and_counted(client, office):
    register = upload_many(office, 300)

    page = client.get(page_of(register))

    assert all(f"<legend>第{n}小区党支部</legend>" in page.text for n in range(1, 301))
    assert len(page.context["form"].fields) < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    own = reverse("trainees:register_import", args=[register.pk])
    assert "300" in client.get(own).text


def test_all_that_are_complete_are_founded_with_one_box(
    client, office, django_capture_on_commit_callbacks
):
    register = upload_many(office, 300)
    place = office.first.placements.get()
    uppers = {f"upper-{n}": place.parent.code for n in range(299)}
    townships = {f"township-{n}": str(place.township_id) for n in range(299)}

    with django_capture_on_commit_callbacks(execute=True):
        answer = sent(client, register, all="on", **uppers, **townships)

    assert answer.status_code == 302
    register.refresh_from_db()
    assert counts(register) == {"new": 299, "refused": 1}
    own = client.get(answer.url)
    assert "299 / 300" in own.text


def test_costs_the_same_statements_for_one_and_for_sixty(client, office):
    def statements(register: RegisterImport) -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(page_of(register))
        return len(seen)

    one, sixty = upload_many(office, 1), upload_many(office, 60)
    statements(one)

    assert statements(one) == statements(sixty)


def test_more_than_a_page_holds_are_counted_and_it_says_how_to_go_on(client, office, monkeypatch):
    monkeypatch.setattr("trainees.views.register.MOST_AT_ONCE", 5)

    page = client.get(page_of(upload_many(office, 7)))

    assert page.text.count("<legend>") == 5
    assert (page.context["all"], page.context["shown"]) == (7, 5)
    assert reverse("schools:found_table", args=["tree"]) in page.text


def test_what_is_refused_says_so_at_its_row(client, office):
    register = upload(office)

    answer = sent(client, register, **{"tick-0": "on"})

    assert answer.status_code == 422
    assert NEW in answer.text
    assert "upper-0" in answer.context["form"].errors
