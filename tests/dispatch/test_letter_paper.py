"""A booking letter on paper."""

from __future__ import annotations

import pytest
from django.urls import reverse

from courses.enums import Strand
from courses.models import Module
from dispatch.actions.letters import Item
from tests.browsers import browser_of
from tests.dispatch.world import BookingWorld
from tests.pdf_text import read_pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


def test_says_all_that_the_school_asks_for(world):
    module = Module.objects.get(code="governance")
    letter = world.submit(
        preset="evening",
        items=[
            Item(course=world.course),
            Item(wish="一堂调解课", module=module, strand=Strand.PRACTICE),
        ],
        note="请带投影仪",
    )

    reply = browser_of(world.clerk).get(reverse("dispatch:letter_paper", args=[letter.pk]))

    assert reply["Content-Type"] == "application/pdf"
    [page] = read_pages(reply.content)
    text = "".join(page) if isinstance(page, list) else page
    for words in (letter.number, world.course.title, "一堂调解课", "二楼会议室", "请带投影仪"):
        assert words in text


def test_a_sign_that_no_font_has_is_said_on_the_page(world):
    letter = world.submit(title="课 \U000f0000")

    reply = browser_of(world.clerk).get(
        reverse("dispatch:letter_paper", args=[letter.pk]), follow=True
    )

    assert reply.redirect_chain
    assert "U+F0000" in reply.content.decode()
