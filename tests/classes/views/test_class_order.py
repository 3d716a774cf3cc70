"""The order of a class on screen: groups, pockets and seats, and two who set them at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from classes.models import Enrolment
from config.lib.periods import today
from rolls.actions.attendance import record_attendance
from tests import factories
from tests.browsers import browser_of
from tests.classes.views.test_timetable import World, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


class TestTheOrderOfAClass:
    def body(self, world, act, **changes):
        page = browser_of(world.clerk).get(
            reverse("classes:class_order", args=[world.training_class.pk])
        )
        seen = page.context["form"]["seen"].value()
        fields = {"act": act, "groups": "2", "monitor": "", "seen": seen}
        for n, member in enumerate(world.members, start=1):
            fields |= {f"pocket-{member.pk}": str(n), f"group-{member.pk}": ""}
        return sent(**fields | changes)

    def order(self, world):
        rows = Enrolment.objects.order_by("member").values_list("phone_pocket", "study_group")
        return list(rows)

    def post(self, world, act, **changes):
        url = reverse("classes:class_order", args=[world.training_class.pk])
        client = browser_of(world.clerk)
        return client.post(url, self.body(world, act, **changes), follow=True)

    def test_is_split_and_numbered_at_one_press(self, world):
        factories.enrol(world.training_class, *world.members)
        self.post(world, "split")
        assert self.order(world) == [(1, 1), (2, 1), (3, 2)]

        last = world.members[2]
        self.post(world, "save", **{f"pocket-{last.pk}": "90", "monitor": str(last.pk)})
        assert self.order(world) == [(1, None), (2, None), (90, None)]
        assert Enrolment.objects.get(is_monitor=True).member == last

        self.post(world, "number", monitor=str(last.pk))
        assert self.order(world) == [(1, None), (2, None), (3, None)]

    def test_has_seats_once_they_are_numbered_or_typed(self, world):
        factories.enrol(world.training_class, *world.members)
        url = reverse("classes:training_class", args=[world.training_class.pk])
        clerk = browser_of(world.clerk)
        assert "Seat" not in clerk.get(url).text.replace("seats", "")
        assert "Seat" not in world.member().get("/my/timetable/").text

        self.post(world, "seat")
        seats = {f"seat-{member.pk}": str(n) for n, member in enumerate(world.members, start=1)}
        self.post(world, "save", **seats | {f"seat-{world.members[0].pk}": "77"})

        rows = Enrolment.objects.order_by("member").values_list("seat", flat=True)
        assert list(rows) == [77, 2, 3]
        assert ">77<" in clerk.get(url).text
        assert "Seat 77" in world.member().get("/my/timetable/").text
        roll = clerk.get(reverse("rolls:roll", args=[world.sessions[0].pk]))
        assert "seat 77" in roll.text

    def test_says_whose_pocket_is_whose(self, world):
        factories.enrol(world.training_class, *world.members)

        page = self.post(world, "save", **{f"pocket-{world.members[2].pk}": "1"})

        assert page.status_code == 422
        assert "Pocket 1 is for" in page.text

    def test_shows_both_values_where_somebody_else_was_faster(self, world):
        factories.enrol(world.training_class, *world.members)
        first = world.members[0]
        late = self.body(world, "save", **{f"pocket-{first.pk}": "8"})
        self.post(world, "save", **{f"pocket-{first.pk}": "9"})
        url = reverse("classes:class_order", args=[world.training_class.pk])
        client = browser_of(world.clerk)

        page = client.post(url, late)

        assert page.status_code == 422
        [told] = page.context["form"].errors[f"pocket-{first.pk}"]
        assert f"{world.clerk.display_name} set this to 9 at" in told
        assert "yours is 8" in told
        assert self.order(world)[0] == (9, None)

        assert client.post(url, self.again(page)).status_code == 302
        assert self.order(world)[0] == (8, None)

    @staticmethod
    def again(page):
        """What the browser sends when "Save" is pressed on a page as it was answered."""
        form = page.context["form"]
        shown = {name: form[name].value() for name in form.fields}
        return {name: value or "" for name, value in shown.items()} | {"act": "save"}

    def test_a_conflict_at_one_field_undoes_nothing_else(self, world):
        factories.enrol(world.training_class, *world.members[:2])
        a, b, c = world.members
        late = self.body(world, "save", **{f"pocket-{a.pk}": "8"})
        late = {name: value for name, value in late.items() if not name.endswith(f"-{c.pk}")}
        factories.enrol(world.training_class, c)
        new = {f"pocket-{a.pk}": "9", f"group-{b.pk}": "5", f"seat-{c.pk}": "7"}
        self.post(world, "save", **new | {"monitor": str(b.pk)})
        url = reverse("classes:class_order", args=[world.training_class.pk])
        client = browser_of(world.clerk)

        page = client.post(url, late)
        assert list(page.context["form"].errors) == [f"pocket-{a.pk}"]
        assert client.post(url, self.again(page)).status_code == 302

        assert self.order(world) == [(8, None), (2, 5), (3, None)]
        assert Enrolment.objects.get(seat=7).member == c
        assert Enrolment.objects.get(is_monitor=True).member == b

    def test_a_conflict_with_numbers_given_in_order_tells_those(self, world):
        factories.enrol(world.training_class, *world.members)
        a = world.members[0]
        Enrolment.objects.filter(member=a).update(phone_pocket=30)
        late = self.body(world, "number", **{f"pocket-{a.pk}": "30"})
        self.post(world, "save", **{f"pocket-{a.pk}": "40"})
        url = reverse("classes:class_order", args=[world.training_class.pk])
        client = browser_of(world.clerk)

        page = client.post(url, late)

        [told] = page.context["form"].errors[f"pocket-{a.pk}"]
        assert "set this to 40 at" in told
        assert "yours is 3." in told
        assert client.post(url, self.again(page)).status_code == 302
        assert self.order(world) == [(3, None), (1, None), (2, None)]

    def test_asks_nothing_of_who_is_new_since(self, world):
        factories.enrol(world.training_class, *world.members[:2])
        late = self.body(world, "save")
        factories.enrol(world.training_class, world.members[2])
        url = reverse("classes:class_order", args=[world.training_class.pk])
        del late[f"pocket-{world.members[2].pk}"]

        assert browser_of(world.clerk).post(url, late).status_code == 302
        assert self.order(world)[2] == (3, None)

    def test_takes_numbers_from_1_on(self, world):
        factories.enrol(world.training_class, *world.members)

        page = self.post(world, "save", **{f"group-{world.members[0].pk}": "0"})

        assert page.status_code == 422

    def test_leaves_the_pocket_under_a_phone_and_says_why(self, world):
        a, b, _c = world.members
        factories.enrol(world.training_class, *world.members)
        Enrolment.objects.filter(member=b).update(phone_pocket=40)
        now = timezone.now()
        session = world.sessions[0]
        session.starts_at, session.ends_at = now, now + timedelta(minutes=5)
        session.held_on = today()
        session.save()
        by = factories.acting(world.clerk)
        record_attendance(
            session_id=session.pk, marks={b.pk: "present"}, seen={}, by=by, at=timezone.now()
        )
        url = reverse("classes:class_order", args=[world.training_class.pk])

        page = browser_of(world.clerk).get(url)
        self.post(world, "number", **{f"pocket-{a.pk}": "40"})

        assert "the phone is in it" in page.text
        assert f'name="pocket-{b.pk}"' not in page.text
        assert self.order(world) == [(1, None), (40, None), (2, None)]
