"""The pages of walk-ins: recorded on a session, found among members, matched, undone, removed."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from backstage.tasklist import list_tasks
from rolls.actions.attendance import submit_roll
from rolls.actions.walk_ins import WalkInFacts, record_walk_in
from rolls.models import Attendance, WalkIn
from tests import factories
from tests.browsers import browser_of
from tests.factories import ClassWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return ClassWorld(size=2)


@pytest.fixture
def clerk(world):
    return browser_of(world.clerk)


@pytest.fixture
def stranger(world):
    return factories.make_member(world.organisation, "李秀英")


@pytest.fixture
def walk_in(world):
    return record_walk_in(
        session_id=world.session.pk,
        facts=WalkInFacts("李秀英", "三支部"),
        by=world.by,
        at=timezone.now(),
    )


def url(name, walk_in):
    return reverse(f"rolls:{name}", args=[walk_in.pk])


def key():
    return {"idempotency_key": str(uuid4())}


def named(member):
    return {"number": member.number, "name": member.name}


class TestRecording:
    def send(self, clerk, world, **body):
        address = reverse("rolls:session_walk_ins", args=[world.session.pk])
        return clerk.post(address, key() | {"name": "李秀英", "status": "late"} | body)

    def test_adds_a_line_to_the_session_and_to_the_roll(self, clerk, world):
        assert self.send(clerk, world, organisation_name="三支部").status_code == 302

        roll = clerk.get(reverse("rolls:roll", args=[world.session.pk])).text
        assert "三支部" in roll
        assert "not matched" in roll

    @pytest.mark.parametrize("field", ["name", "organisation_name", "note"])
    def test_keeps_an_id_number_out(self, clerk, world, field):
        reply = self.send(clerk, world, **{field: "11010519491231002X"})

        assert reply.status_code == 422
        assert not WalkIn.objects.exists()

    @pytest.mark.parametrize("body", [{"name": ""}, {"status": "absent"}])
    def test_wants_a_name_and_somebody_who_came(self, clerk, world, body):
        assert self.send(clerk, world, **body).status_code == 422


class TestMatching:
    def test_a_search_for_what_no_name_has_finds_nobody(self, clerk, walk_in, stranger):
        page = clerk.get(url("walk_in", walk_in), {"q": "\0"})

        assert page.status_code == 200
        assert stranger.number not in page.text

    def test_offers_members_by_the_name_as_it_is_written(self, clerk, walk_in, stranger):
        page = clerk.get(url("walk_in", walk_in))

        assert list(page.context["candidates"]) == [stranger]
        assert list(clerk.get(url("walk_in", walk_in), {"q": "nobody"}).context["candidates"]) == []

    @pytest.mark.parametrize("letters", ["lxy", "\uff2c\uff38\uff39", "\uff4c\uff58"])
    def test_finds_initials_as_an_input_method_leaves_them(self, clerk, walk_in, stranger, letters):
        page = clerk.get(url("walk_in", walk_in), {"q": letters})

        assert list(page.context["candidates"]) == [stranger]

    def test_takes_a_number_in_full_width_digits(self, clerk, walk_in, stranger):
        wide = stranger.number.translate(
            {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}
        )
        body = key() | {"number": wide, "name": stranger.name}

        check = clerk.post(url("match_walk_in", walk_in), body)

        assert stranger.number in check.text
        assert list(clerk.get(url("walk_in", walk_in), {"q": wide}).context["candidates"]) == [
            stranger
        ]

    def test_keeps_an_id_number_in_full_width_digits_out(self, clerk, walk_in):
        wide = "11010519491231002X".translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})

        assert (
            clerk.post(url("match_walk_in", walk_in), key() | {"number": wide}).status_code == 422
        )

    def test_does_not_take_an_id_number_into_the_address(self, clerk, walk_in):
        reply = clerk.get(url("walk_in", walk_in), {"q": "11010519491231002X"})

        assert reply.headers["Location"] == url("walk_in", walk_in)

    def test_says_first_what_it_will_do(self, clerk, walk_in, stranger):
        body = key() | {"member": stranger.pk}

        check = clerk.post(url("match_walk_in", walk_in), body)

        assert "The roll is a draft" in check.text
        assert not Attendance.objects.exists()
        assert clerk.post(url("match_walk_in", walk_in), body | {"step": "do"}).status_code == 302
        assert Attendance.objects.get().member == stranger

    def test_on_a_submitted_roll_says_how_many_hours_are_posted(
        self, clerk, world, walk_in, stranger
    ):
        submit_roll(
            session_id=world.session.pk,
            marks=world.marks("present"),
            seen={},
            by=world.by,
            at=timezone.now(),
        )

        check = clerk.post(url("match_walk_in", walk_in), key() | named(stranger))

        assert "4 credit hours are posted at once" in check.text

    def test_names_at_the_field_what_is_wrong_with_a_number(self, clerk, walk_in):
        reply = clerk.post(url("match_walk_in", walk_in), key() | {"number": "1", "name": "王"})

        assert "number" in reply.context["form"].errors

    def test_shows_nobody_by_a_number_alone(self, clerk, world, walk_in):
        other = factories.make_organisation(factories.make_school("120111005", "津门湖街道"))
        guest = factories.make_member(other, "欧阳远方")

        for typed in ({"number": guest.number}, named(guest) | {"name": "王无"}):
            reply = clerk.post(url("match_walk_in", walk_in), key() | typed)
            assert reply.status_code == 422
            assert guest.name not in reply.text
        assert not AuditEntry.objects.filter(act="look_up_guest").exists()

        check = clerk.post(url("match_walk_in", walk_in), key() | named(guest))
        assert guest.name in check.text
        assert AuditEntry.objects.get(act="look_up_guest").object_id == str(guest.pk)

    def test_is_undone_with_a_reason(self, clerk, walk_in, stranger):
        match = key() | {"member": stranger.pk, "step": "do"}
        clerk.post(url("match_walk_in", walk_in), match)
        body = key() | {"reason": "同名不同人"}

        check = clerk.post(url("unmatch_walk_in", walk_in), body)

        assert "taken off this roll" in check.text
        clerk.post(url("unmatch_walk_in", walk_in), body | {"step": "do"})
        walk_in.refresh_from_db()
        assert walk_in.member is None


def test_a_line_that_was_matched_meanwhile_is_not_removed_and_the_reason_stays(
    clerk, walk_in, stranger
):
    clerk.post(url("match_walk_in", walk_in), key() | {"member": stranger.pk, "step": "do"})

    late = clerk.post(url("remove_walk_in", walk_in), key() | {"reason": "重复登记", "step": "do"})

    assert late.status_code == 422
    assert "undo that first" in late.text
    assert late.context["form"]["reason"].value() == "重复登记"


def test_a_line_is_removed_with_a_reason(clerk, walk_in):
    body = key() | {"reason": "重复登记", "step": "do"}

    assert clerk.post(url("remove_walk_in", walk_in), body).status_code == 302
    assert not WalkIn.objects.exists()
    assert clerk.post(url("remove_walk_in", walk_in), body).status_code == 302  # a double click
    assert clerk.post(url("remove_walk_in", walk_in), body | key()).status_code == 404


class TestTheList:
    def test_names_those_that_wait_for_a_member(self, clerk, world, walk_in, stranger):
        address = reverse("rolls:walk_ins")
        assert list(clerk.get(address).context["page_obj"]) == [walk_in]
        body = key() | {"member": stranger.pk, "step": "do"}
        clerk.post(url("match_walk_in", walk_in), body)

        assert not clerk.get(address).context["page_obj"].object_list

    def test_is_a_task_of_the_clerk_alone(self, world, walk_in):
        address = reverse("rolls:walk_ins")
        leader = factories.make_user()
        factories.grant(leader, "school_leader", world.school)

        def tasks(user):
            return [task for task in list_tasks(user, timezone.now()) if task.url == address]

        assert len(tasks(world.clerk)) == 1
        assert not tasks(leader)

    def test_is_fetched_as_a_file(self, clerk, walk_in):
        reply = clerk.post(reverse("backstage:export", args=["walk-ins"]))

        assert reply.status_code == 200


def test_the_class_says_in_which_session_alone_a_walk_in_was(clerk, world, walk_in, stranger):
    clerk.post(url("match_walk_in", walk_in), key() | {"member": stranger.pk, "step": "do"})

    page = clerk.get(reverse("classes:training_class", args=[world.training_class.pk]))

    assert f"only in session {world.session.number}" in page.text
