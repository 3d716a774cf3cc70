"""Supervision notes on screen: written by the district school, read by the school visited."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.enums import Role
from classes.models import SupervisionDraft, SupervisionNote
from tests import factories
from tests.browsers import browser_of
from tests.factories import ClassWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = ClassWorld(size=1)
    world.supervisor = factories.make_user()
    factories.grant(world.supervisor, Role.DISTRICT_SCHOOL)
    return world


def sent(act="file", **fields):
    body = {"seen_version": "0", "arrived": "09:10", "observed": "课堂秩序良好", "advice": ""}
    return {"idempotency_key": str(uuid4()), "act": act, **body, **fields}


def address(world):
    return reverse("classes:write_supervision", args=[world.session.pk])


def class_page(world):
    return reverse("classes:training_class", args=[world.training_class.pk])


def test_the_school_reads_what_is_filed_and_no_draft(world):
    clerk, supervisor = browser_of(world.clerk), browser_of(world.supervisor)
    supervisor.post(address(world), sent("save"))
    assert "课堂秩序良好" not in clerk.get(class_page(world)).text
    home = supervisor.get("/").text
    assert "File 1 supervision note" in home

    supervisor.post(address(world), sent())

    assert "课堂秩序良好" in clerk.get(class_page(world)).text
    note = SupervisionNote.objects.get()
    page = clerk.get(reverse("classes:supervision_note", args=[note.pk]))
    assert "课堂秩序良好" in page.text
    assert "Amend the note" not in page.text


def test_a_note_sent_twice_is_filed_once(world):
    body = sent()
    supervisor = browser_of(world.supervisor)
    first = supervisor.post(address(world), body)

    assert supervisor.post(address(world), body).url == first.url
    assert SupervisionNote.objects.count() == 1


def test_an_amendment_shows_both_versions(world):
    supervisor = browser_of(world.supervisor)
    supervisor.post(address(world), sent())
    assert supervisor.post(address(world), sent(seen_version="1")).status_code == 422

    page = supervisor.post(
        address(world), sent(seen_version="1", observed="秩序一般", reason="记错班次"), follow=True
    )

    assert "秩序一般" in page.text
    assert "课堂秩序良好" in page.text
    assert "记错班次" in page.text


def test_a_draft_is_taken_up_again(world):
    supervisor = browser_of(world.supervisor)
    supervisor.post(address(world), sent("save", observed="写到一半"))
    assert "写到一半" in supervisor.get(address(world)).text

    supervisor.post(reverse("classes:discard_supervision", args=[world.session.pk]))

    assert not SupervisionDraft.objects.exists()


def test_a_draft_breaks_off_anywhere_and_a_filed_note_says_something(world):
    supervisor = browser_of(world.supervisor)

    assert supervisor.post(address(world), sent("save", observed="")).status_code == 302
    assert supervisor.post(address(world), sent(observed="")).status_code == 422


def test_it_holds_no_id_number(world):
    page = browser_of(world.supervisor).post(address(world), sent(observed="11010519491231002X"))

    assert page.status_code == 422


def test_the_list_is_narrowed_by_school_and_time(world):
    factories.make_supervision_note(world.session)
    other = factories.make_school("120111005", "津门湖街道")
    elsewhere = factories.make_session(factories.make_class(other, "夜校"))
    factories.make_supervision_note(elsewhere)
    supervisor, url = browser_of(world.supervisor), reverse("classes:supervision_notes")

    assert len(supervisor.get(url, {"year": 2026}).context["page_obj"]) == 2
    narrowed = supervisor.get(url, {"year": 2026, "school": other.pk})
    assert [note.session for note in narrowed.context["page_obj"]] == [elsewhere]
    assert not supervisor.get(url, {"year": 2025}).context["page_obj"].object_list
    assert len(browser_of(world.clerk).get(url, {"year": 2026}).context["page_obj"]) == 1


def test_the_list_takes_as_many_statements_for_twenty_notes_as_for_one(
    world, django_assert_num_queries, django_assert_max_num_queries
):
    clerk, url = browser_of(world.clerk), reverse("classes:supervision_notes")
    factories.make_supervision_note(world.session)
    clerk.get(url)
    with django_assert_max_num_queries(20) as queries:
        assert len(clerk.get(url, {"year": 2026}).context["page_obj"]) == 1
    for _ in range(19):
        factories.make_supervision_note(world.session)

    with django_assert_num_queries(len(queries)):
        assert len(clerk.get(url, {"year": 2026}).context["page_obj"]) == 20
    with django_assert_max_num_queries(40):
        clerk.get(class_page(world))
