"""Leave on screen: asked for and taken back by the trainee, answered by the clerk."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from classes.actions.leaves import ask_leave
from classes.models import LeaveRequest
from tests import factories
from tests.browsers import browser_of
from tests.classes.views.test_timetable import World, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


class TestLeave:
    def test_is_asked_for_answered_and_seen(self, world):
        factories.enrol(world.training_class, world.members[0])
        member, clerk = world.member(), browser_of(world.clerk)
        url = reverse("classes:ask_leave", args=[world.sessions[0].pk])
        assert "Write nothing about anybody" in member.get(url).text
        member.post(url, sent(reason="值班"))

        leave = LeaveRequest.objects.get()
        class_url = reverse("classes:training_class", args=[world.training_class.pk])
        assert f"{class_url}#leaves" in clerk.get("/").text
        assert "值班" in clerk.get(class_url).text
        clerk.post(
            reverse("classes:answer_leave", args=[leave.pk]), sent(answer="accepted", word="准")
        )

        page = member.get("/my/timetable/")
        assert "The school says: 准" in page.text
        assert "#leaves" not in clerk.get("/").text

    def test_is_refused_with_a_word_alone(self, world):
        factories.enrol(world.training_class, world.members[0])
        leave = self.asked(world)
        url = reverse("classes:answer_leave", args=[leave.pk])

        page = browser_of(world.clerk).post(url, sent(answer="refused", word=" "))

        assert page.status_code == 422
        assert page.context["returned"].errors["word"] == ["Say why leave is refused."]
        assert page.text.count("Say why leave is refused.") == 2
        assert f'href="#word-{leave.pk}"' in page.text
        assert "<title>Error: " in page.text

    def test_that_was_answered_meanwhile_says_so_on_the_page_of_the_class(self, world):
        factories.enrol(world.training_class, world.members[0])
        url = reverse("classes:answer_leave", args=[self.asked(world).pk])
        clerk = browser_of(world.clerk)
        clerk.post(url, sent(answer="accepted", word=""))

        page = clerk.post(url, sent(answer="refused", word="已准"))

        assert page.status_code == 422
        assert "This request is answered already." in page.text
        assert clerk.get(url).url.endswith("#leaves")

    def test_takes_no_id_number(self, world):
        factories.enrol(world.training_class, world.members[0])
        url = reverse("classes:ask_leave", args=[world.sessions[0].pk])

        page = world.member().post(url, sent(reason="11010519491231002X"))

        assert page.status_code == 422
        assert not LeaveRequest.objects.exists()

    def test_is_taken_back(self, world):
        factories.enrol(world.training_class, world.members[0])
        leave = self.asked(world)

        page = world.member().post(reverse("classes:withdraw_leave", args=[leave.pk]), follow=True)

        assert "The request for leave is taken back." in page.text
        assert not LeaveRequest.objects.current().exists()

    def test_of_others_is_404(self, world):
        factories.enrol(world.training_class, world.members[0])
        leave = self.asked(world)

        url = reverse("classes:withdraw_leave", args=[leave.pk])
        assert world.member(1).post(url).status_code == 404
        url = reverse("classes:ask_leave", args=[world.sessions[0].pk])
        assert world.member(1).get(url).status_code == 404

    @staticmethod
    def asked(world):
        return ask_leave(
            session_id=world.sessions[0].pk,
            reason="值班",
            by=factories.acting(world.members[0].user),
            at=timezone.now(),
        )
