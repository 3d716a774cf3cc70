"""A booking letter on paper."""

from __future__ import annotations

import pytest
from django.urls import reverse

from courses.enums import Strand
from courses.models import Module
from dispatch.actions.letters import Item, cancel_letter, submit_letter
from dispatch.letter_paper import write_paper
from dispatch.queries.letters import get_letter_page
from tests.browsers import browser_of
from tests.dispatch.world import LATER, WRITTEN, BookingWorld
from tests.factories import acting
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


def heading_of(world, letter) -> str:
    return write_paper(get_letter_page(letter), None)["heading"]


def test_a_draft_and_what_came_to_nothing_say_so(world):
    letter = world.write()
    assert heading_of(world, letter) == "约课邀请函（草稿）"

    submit_letter(letter_id=letter.pk, by=acting(world.clerk), at=WRITTEN)
    letter.refresh_from_db()
    assert heading_of(world, letter) == "约课邀请函"

    cancel_letter(letter_id=letter.pk, reason="改期", by=acting(world.clerk), at=LATER)
    letter.refresh_from_db()
    assert heading_of(world, letter) == "约课邀请函（已取消）"


def test_a_sign_that_no_font_has_is_said_on_the_page(world):
    letter = world.submit(title="课 \U000f0000")

    reply = browser_of(world.clerk).get(
        reverse("dispatch:letter_paper", args=[letter.pk]), follow=True
    )

    assert reply.redirect_chain
    assert "U+F0000" in reply.content.decode()
