"""Materials on screen: kept by the clerk, fetched by those of the class alone."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from classes.models import ClassMaterial, Enrolment
from instructors.models import Instructor
from tests import factories
from tests.browsers import browser_of
from tests.factories import ClassWorld

pytestmark = pytest.mark.django_db
PDF = factories.make_pdf()


@pytest.fixture
def world():
    world = ClassWorld(size=1)
    world.member = world.members[0]
    world.member.user = factories.make_user()
    world.member.save(update_fields=["user"])
    return world


def address(world, name="class_materials", *more):
    return reverse(f"classes:{name}", args=[world.training_class.pk, *more])


def add(world, data=PDF, title="课程提纲", key=None, name="提纲.pdf"):
    body = {
        "idempotency_key": key or str(uuid4()),
        "title": title,
        "upload": SimpleUploadedFile(name, data),
    }
    return browser_of(world.clerk).post(address(world), body, follow=True)


def test_what_the_clerk_adds_the_trainee_fetches(world):
    assert "课程提纲" in add(world).text
    material = ClassMaterial.objects.get()

    assert "课程提纲" in browser_of(world.member.user).get(address(world)).text
    file = browser_of(world.member.user).get(address(world, "material_file", material.pk))
    assert file.content == PDF
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["Content-Type"] == "application/pdf"
    assert "sandbox" in file.headers["Content-Security-Policy"]


def test_sent_twice_it_is_added_once(world):
    key = str(uuid4())
    add(world, key=key)
    add(world, key=key)

    assert ClassMaterial.objects.count() == 1


def test_a_wrong_file_and_an_id_number_are_refused_at_the_field(world):
    assert add(world, data=b"MZ").status_code == 422
    assert add(world, title="11010519491231002X").status_code == 422
    assert add(world, name="11010519491231002X.pdf").status_code == 422
    assert not ClassMaterial.objects.exists()


def test_a_file_too_large_for_the_portal_is_told_so(world):
    page = browser_of(world.clerk).get(address(world) + "?too_large=1")

    assert page.status_code == 409
    assert "This file is larger than 20 MB." in page.text


def test_the_clerk_orders_and_takes_off(world):
    add(world, title="一")
    add(world, title="二")
    second = ClassMaterial.objects.get(title="二")
    clerk = browser_of(world.clerk)

    clerk.post(address(world, "move_material", second.pk), {"to": "up"})
    assert ClassMaterial.objects.get(title="二").position == 1

    url = address(world, "remove_material", second.pk)
    assert clerk.post(url, {"idempotency_key": str(uuid4()), "reason": ""}).status_code == 422
    page = clerk.post(url, {"idempotency_key": str(uuid4()), "reason": "有误"}, follow=True)
    assert "The material is taken off." in page.text
    assert clerk.get(address(world, "material_file", second.pk)).status_code == 404


class TestWhoSeesThem:
    def test_who_left_after_a_session_still_does(self, world):
        add(world)
        Enrolment.objects.update(sessions=(1, 2))
        assert browser_of(world.member.user).get(address(world)).status_code == 200

    def test_who_left_before_the_first_does_not(self, world):
        add(world)
        Enrolment.objects.update(sessions="empty")
        assert browser_of(world.member.user).get(address(world)).status_code == 404

    def test_a_member_of_another_class_does_not(self, world):
        add(world)
        stranger = factories.make_member(world.organisation, user=factories.make_user())
        material = ClassMaterial.objects.get()

        for url in (address(world), address(world, "material_file", material.pk)):
            assert browser_of(stranger.user).get(url).status_code == 404

    def test_the_lecturer_of_a_session_does_and_finds_it_at_home(self, world):
        add(world)
        lecturer = factories.make_user()
        world.session.instructor = Instructor.objects.create(
            name="赵讲师", corps="professional", employer="区委党校", user=lecturer
        )
        world.session.save()

        assert "课程提纲" in browser_of(lecturer).get(address(world)).text
        assert "To the class" not in browser_of(lecturer).get(address(world)).text

    def test_a_material_is_not_fetched_through_another_class(self, world):
        add(world)
        other = factories.make_class(world.school)
        material = ClassMaterial.objects.get()
        url = reverse("classes:material_file", args=[other.pk, material.pk])

        assert browser_of(world.clerk).get(url).status_code == 404
