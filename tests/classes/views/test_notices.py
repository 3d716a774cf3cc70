"""Notices of a class on screen: written, read and taken down."""

from __future__ import annotations

import pytest
from django.urls import reverse

from classes.models import ClassNotice
from tests import factories
from tests.browsers import browser_of
from tests.classes.views.test_timetable import World, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


class TestNotices:
    def test_are_written_read_and_taken_down(self, world):
        factories.enrol(world.training_class, world.members[0])
        clerk, key = browser_of(world.clerk), world.training_class.pk
        clerk.post(reverse("classes:post_notice", args=[key]), sent(text="请带笔记本"))
        assert "请带笔记本" in world.member().get("/my/timetable/").text

        notice = ClassNotice.objects.get()
        page = clerk.post(reverse("classes:take_notice_down", args=[key, notice.pk]), follow=True)
        assert "请带笔记本" not in page.text
        assert "请带笔记本" not in world.member().get("/my/timetable/").text

    def test_hold_no_id_number(self, world):
        url = reverse("classes:post_notice", args=[world.training_class.pk])

        page = browser_of(world.clerk).post(url, sent(text="11010519491231002X"))

        assert page.status_code == 422
