"""The pages of the menu: the academic officer adds, changes and retires; schools read."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from accounts.trail import list_changes
from config.lib.periods import period, today
from courses.enums import Strand
from courses.models import Course, Module
from instructors.models import Instructor
from tests import factories
from tests.admin_pages import filled
from tests.schools.views.test_schools import browser, errors_of, send

pytestmark = pytest.mark.django_db
MENU = "/menu/"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def officer() -> Client:
    return browser(Role.DISTRICT_SCHOOL)


def make_course(number: int = 1, **fields: Any) -> Course:
    facts = {
        "code": f"M-{number:03}",
        "title": f"社区治理第{number}讲",
        "module": Module.objects.get(code="governance"),
        "strand": Strand.PRACTICE,
        "hours": Decimal(4),
    }
    return Course.objects.create(**facts | fields)


def typed(**fields: Any) -> dict[str, Any]:
    given = {
        "code": "GO101",
        "title": "矛盾纠纷排查与调解",
        "module": str(Module.objects.get(code="governance").pk),
        "strand": "practice",
        "hours": "4",
        "format": "pack",
        "audiences": ["secretaries", "affairs_workers"],
        "tasks": ["skills"],
    }
    return given | fields


def titles(page: Any) -> list[str]:
    return [course.title for course in page.context["page_obj"]]


class TestKeeping:
    def test_a_course_is_added_with_all_that_it_says(self, officer):
        lecturer = Instructor.objects.create(name="李芳", corps="professional", employer="党校")

        reply = send(officer, reverse("courses:course_add"), **typed(instructors=[lecturer.pk]))

        course = Course.objects.get()
        assert reply.url == reverse("courses:course", args=[course.pk])
        assert (course.format, course.audiences) == ("pack", ["secretaries", "affairs_workers"])
        assert course.tasks == ["skills"]
        assert course.period == period(today())
        assert list(course.instructors.all()) == [lecturer]

    def test_the_trail_says_it_in_words(self, officer):
        send(officer, reverse("courses:course_add"), **typed())

        changes = {
            label: after
            for label, _, after in list_changes(AuditEntry.objects.get(act="add_record"))
        }
        assert changes["Audiences"] == "secretary; Party-affairs worker"
        assert changes["Tasks of the regulation"] == "education in knowledge and skills"

    def test_an_unknown_audience_is_refused_at_its_field(self, officer):
        reply = send(officer, reverse("courses:course_add"), **typed(audiences=["children"]))

        assert reply.status_code == 422
        assert list(reply.context["form"].errors) == ["audiences"]
        assert not Course.objects.exists()

    def test_a_second_course_of_a_code_is_refused(self, officer):
        make_course(code="GO101")

        reply = send(officer, reverse("courses:course_add"), **typed())

        assert list(reply.context["form"].errors) == ["code"]

    def test_a_change_keeps_the_last_day(self, officer):
        days = period(today() - timedelta(days=30), today() + timedelta(days=30))
        course = make_course(period=days)

        reply = send(officer, reverse("courses:course_change", args=[course.pk]), title="新标题")

        assert reply.status_code == 302
        course.refresh_from_db()
        assert (course.title, course.period) == ("新标题", days)

    def test_two_changes_clash_and_the_second_is_told(self, officer):
        url = reverse("courses:course_change", args=[make_course().pk])
        opened = filled(officer.get(url).context["form"])
        colleague = browser(Role.DISTRICT_SCHOOL, display_name="王芳")
        assert send(colleague, url, title="她的标题").status_code == 302

        reply = officer.post(url, opened | {"title": "他的标题"})

        assert reply.status_code == 422
        assert "王芳" in errors_of(reply)

    def test_a_course_is_retired_and_offered_again(self, officer):
        course = make_course()
        url = reverse("courses:course_retire", args=[course.pk])

        assert send(officer, url, last_day=today().isoformat()).status_code == 302
        course.refresh_from_db()
        assert course.period.upper == today() + timedelta(days=1)

        assert send(officer, url, last_day="").status_code == 302
        course.refresh_from_db()
        assert course.period.upper is None

    def test_sent_twice_it_is_retired_once(self, officer):
        url = reverse("courses:course_retire", args=[make_course().pk])
        data = filled(officer.get(url).context["form"])

        replies = [officer.post(url, data) for _turn in range(2)]

        assert [reply.status_code for reply in replies] == [302, 302]
        assert AuditEntry.objects.filter(act="retire_course").count() == 1

    def test_a_last_day_before_the_first_is_said_at_its_field(self, officer):
        url = reverse("courses:course_retire", args=[make_course(period=period(today())).pk])

        reply = send(officer, url, last_day=(today() - timedelta(days=1)).isoformat())

        assert reply.status_code == 422
        assert list(reply.context["form"].errors) == ["last_day"]


class TestReading:
    @pytest.fixture
    def clerk(self) -> Client:
        return browser(Role.SCHOOL_CLERK, factories.make_school())

    def test_a_school_reads_what_is_offered_and_keeps_nothing(self, clerk):
        shown = make_course()
        make_course(2, period=period(today() - timedelta(days=9), today()))

        page = clerk.get(MENU)

        assert titles(page) == [shown.title]
        assert reverse("courses:course_add") not in page.content.decode()
        detail = clerk.get(reverse("courses:course", args=[shown.pk])).content.decode()
        assert reverse("courses:course_change", args=[shown.pk]) not in detail

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"course": "M-002"}, [2]),
            ({"course": "第3讲"}, [3]),
            ({"strand": "theory"}, [2]),
            ({"course_format": "evening"}, [1, 2, 3]),
            ({"course_format": "pack"}, [1, 2]),
            ({"audience": "ordinary"}, [1, 2]),
            ({"audience": "secretaries"}, [1, 2, 3]),
            ({"task": "first"}, [2]),
            ({"mark": "premium"}, [3]),
            ({"module": "rural"}, []),
            ({"offered": "not"}, [4]),
            ({"offered": ""}, [1, 2, 3, 4]),
        ],
    )
    def test_filters_find(self, clerk, query, found):
        make_course(1)
        make_course(2, strand=Strand.THEORY, tasks=["first", "theory"])
        make_course(3, format="evening", audiences=["secretaries"], is_premium=True)
        make_course(4, period=period(today() + timedelta(days=9)))

        page = clerk.get(MENU, query)

        assert titles(page) == [f"社区治理第{number}讲" for number in found]

    def test_a_course_shows_its_next_sessions_of_schools_in_sight(self, officer):
        world = factories.ClassWorld(size=1)
        other = factories.make_class(factories.make_school("120111005", "津门湖街道"), "湖畔讲堂")
        for training_class in (world.training_class, other):
            factories.make_session(
                training_class, starts_at=factories.MORNING.replace(year=today().year + 1)
            )
        url = reverse("courses:course", args=[world.session.course_id])
        clerk = browser(Role.SCHOOL_CLERK, world.school)

        assert "湖畔讲堂" in officer.get(url).content.decode()
        theirs = clerk.get(url).content.decode()
        assert "湖畔讲堂" not in theirs
        assert world.training_class.title in theirs

    def test_the_list_costs_the_same_for_one_row_and_for_many(self, clerk):
        lecturers = [
            Instructor.objects.create(name=f"讲师{n}", corps="professional", employer="党校")
            for n in range(3)
        ]

        def count() -> int:
            with CaptureQueriesContext(
                connection,
            ) as statements:
                clerk.get(MENU)
            return len(statements)

        make_course(1).instructors.set(lecturers)
        count()  # the first page of a browser asks more
        few = count()
        for number in range(2, 20):
            make_course(number).instructors.set(lecturers)

        assert count() == few


class TestMaterials:
    def test_the_officer_adds_one_and_a_school_downloads_it(self, officer):
        course = make_course()
        url = reverse("courses:course_materials", args=[course.pk])
        upload = SimpleUploadedFile("调解提纲.pdf", factories.make_pdf())

        assert send(officer, url, upload=upload).status_code == 302

        material = course.materials.get()
        clerk = browser(Role.SCHOOL_CLERK, factories.make_school())
        address = reverse("courses:course_material", args=[course.pk, material.pk])
        assert address in clerk.get(reverse("courses:course", args=[course.pk])).content.decode()
        reply = clerk.get(address)
        assert reply["Content-Disposition"].startswith("attachment")

    def test_a_wrong_file_is_said_at_its_field(self, officer):
        url = reverse("courses:course_materials", args=[make_course().pk])

        reply = send(officer, url, upload=SimpleUploadedFile("a.pdf", b"plain"))

        assert reply.status_code == 422
        assert list(reply.context["form"].errors) == ["upload"]

    def test_it_is_taken_off_once(self, officer):
        course = make_course()
        send(
            officer,
            reverse("courses:course_materials", args=[course.pk]),
            upload=SimpleUploadedFile("提纲.pdf", factories.make_pdf()),
        )
        url = reverse("courses:course_material_remove", args=[course.pk, course.materials.get().pk])
        data = filled(officer.get(url).context["form"], reason="旧版")

        assert [officer.post(url, data).status_code for _turn in range(2)] == [302, 302]
        assert not course.materials.exists()
