"""The list of study records, narrowed by its address, and who reads it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import Role
from config.lib.periods import at_local, today
from studies.enums import StudyKind
from studies.models import Study
from tests import factories
from tests.browsers import browser_of
from tests.factories import StudyWorld
from tests.studies.views.test_study_acts import recorded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world() -> StudyWorld:
    return StudyWorld()


class TestTheList:
    def test_is_narrowed_by_its_address(self, world):
        draft = recorded(world)
        lesson = recorded(world, kind=StudyKind.PARTY_LESSON)
        world.submit(lesson, at=timezone.now())
        recorded(world, by=world.clerk, kind=StudyKind.BRANCH_MEETING)
        secretary = browser_of(world.secretary)

        def found(**address):
            page = secretary.get(reverse("studies:studies"), address)
            return {study.pk for study in page.context["page_obj"]}

        assert len(found()) == 3
        assert found(progress="submitted") == {lesson.pk}
        assert found(study_kind="themed_day") == {draft.pk}
        assert found(recorder="me") == {draft.pk, lesson.pk}
        assert found(year=today().year - 1) == set()

    def test_of_a_member_holds_the_own_declarations_alone(self, world):
        member = world.member_with_account()
        recorded(world)
        declaration = recorded(world, kind=StudyKind.ONLINE_STUDY, members=[member], by=member.user)
        page = browser_of(member.user).get(reverse("studies:studies"))

        assert [study.pk for study in page.context["page_obj"]] == [declaration.pk]
        assert set(page.context["filters"].form.fields) == {
            "year",
            "part",
            "study_kind",
            "progress",
        }

    def test_says_what_to_do_where_there_is_nothing(self, world):
        page = browser_of(world.secretary).get(reverse("studies:studies")).content.decode()
        assert "Record a meeting, a themed Party day or a visit" in page

    def test_a_former_year_that_waits_is_in_the_queue(self, world):
        december = at_local(today().replace(month=12, day=20, year=today().year - 1), 21)
        study = world.record(held_on=december.date(), at=december)
        world.submit(study, at=december)
        queue = browser_of(world.commissioner).get(
            reverse("studies:studies"), {"progress": "review"}
        )

        assert [study.pk for study in queue.context["page_obj"]] == [study.pk]

    def test_of_one_organisation_is_the_queue_of_all_years(self, world):
        study = recorded(world)
        world.submit(study, at=timezone.now())
        asked = {"progress": "review", "organisation": study.organisation.code}
        page = browser_of(world.clerk).get(reverse("studies:studies"), asked)

        assert page.status_code == 200
        assert page.context["filters"].value("year") == ""


@pytest.mark.parametrize("name", ["studies", "choose_organisation"])
def test_an_id_number_does_not_stay_in_an_address(world, name):
    url = reverse(f"studies:{name}")
    reply = browser_of(world.clerk).get(url, {"q": "120000197001010017"})

    assert (reply.status_code, reply.url) == (302, url)


def test_an_officer_of_the_district_reads_and_does_nothing(world):
    study = recorded(world)
    officer = factories.make_user()
    factories.grant(officer, Role.ORGANISATION_DEPARTMENT)
    browser = browser_of(officer)

    assert browser.get(reverse("studies:study", args=[study.pk])).status_code == 200
    for name in ("submit_study", "discard_study"):
        body = {"idempotency_key": str(uuid4()), "seen_version": 1}
        url = reverse(f"studies:{name}", args=[study.pk])
        assert browser.post(url, body).status_code == 403
    assert Study.objects.get().state == "draft"
