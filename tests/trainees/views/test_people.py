"""The register card and the forms that change what stands on it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import in_force, period, today
from schools.models import Organisation, School
from tests import factories
from tests.admin_pages import filled, make_officer
from tests.browsers import browser_of
from tests.factories import START, exempt, make_leader, make_member, make_organisation
from trainees.models import Membership, Post


class World:
    def __init__(self) -> None:
        self.school = factories.make_school()
        self.here = make_organisation(self.school)
        self.there = make_organisation(self.school, "第二党支部")
        self.member = make_member(self.here, phone="13800000001")
        self.office = browser_of(make_officer(Role.ORGANISATION_DEPARTMENT))
        self.clerk = browser_of(factories.make_clerk(self.school))

    def url(self, name, *more):
        return reverse(f"trainees:{name}", args=[self.member.pk, *more])

    def send(self, page, /, *more, browser=None, step="do", **typed):
        browser = browser or self.office
        form = browser.get(self.url(page, *more)).context["form"]
        return browser.post(self.url(page, *more), filled(form, **typed) | {"step": step})


@pytest.fixture
def world(db):
    return World()


def hold_post(member, organisation):
    return Post.objects.create(
        member=member, organisation=organisation, kind="secretary", period=period(START)
    )


class TestTheCard:
    def test_shows_who_and_what_holds_when_with_the_id_number_masked(self, world):
        exempt(world.member)
        page = world.clerk.get(world.url("member"))

        assert world.member.masked_resident_id in page.text
        assert "138****0001" in page.text
        assert "13800000001" not in page.text
        assert world.here.name in page.text
        assert "advanced age" in page.text
        assert "no account yet" in page.text

    def test_looking_it_up_is_in_the_trail_without_a_name(self, world):
        world.clerk.get(world.url("member"))

        entry = AuditEntry.objects.get(act="look_up_member")
        assert entry.object_label == world.member.number

    def test_offers_the_acts_to_the_department_alone(self, world):
        links = [
            world.url(name) for name in ("transfer_member", "change_membership_status", "appoint")
        ]

        office, clerk = (
            browser.get(world.url("member")).text for browser in (world.office, world.clerk)
        )

        assert all(link in office for link in links)
        assert not any(link in clerk for link in links)
        assert world.url("correct_member") in clerk

    def test_is_linked_from_the_list_and_the_hours(self, world):
        hours = reverse("years:member_hours", args=[world.member.pk])
        for address in (reverse("years:members"), hours):
            assert f'"{world.url("member")}"' in world.clerk.get(address).text


class TestTransfer:
    def transfer(self, world, **typed):
        return world.send("transfer_member", **{"on": today().isoformat(), **typed})

    @pytest.mark.parametrize("by", ["code", "name", "initials"])
    def test_finds_the_organisation_by_code_name_or_initials(self, world, by):
        text = {"code": world.there.code, "name": "第二党支", "initials": "dedzb"}[by]

        answer = self.transfer(world, organisation=text)

        assert answer.url == world.url("member")
        current = Membership.objects.get(in_force(today()), member=world.member)
        assert current.organisation == world.there

    def test_where_several_fit_one_is_chosen(self, world):
        page = self.transfer(world, organisation="党支部")
        assert page.status_code == 422
        assert "Several organisations fit this. Choose one." in page.text
        assert 'value="党支部"' in page.text

        form = page.context["form"]
        answer = world.office.post(
            world.url("transfer_member"),
            filled(form, choice=str(world.there.pk)) | {"step": "do"},
        )

        assert answer.status_code == 302

    def test_where_many_fit_it_says_so(self, world):
        for number in range(21):
            make_organisation(world.school, f"企业{number}党支部")

        page = self.transfer(world, organisation="企业")

        assert "More of them fit: type more of the name." in page.text

    def test_where_none_fits_it_says_so(self, world):
        assert (
            "No organisation of that day fits this."
            in self.transfer(world, organisation="没有").text
        )

    def test_says_first_what_it_will_do_and_changes_nothing_yet(self, world):
        factories.make_school("120111005", "津门湖街道")
        world.member.user = factories.make_user()
        world.member.save()
        hold_post(world.member, world.here)
        afar = make_organisation(School.objects.get(code="120111005"))

        page = self.transfer(world, organisation=afar.code, step="check")

        assert page.context["effects"][0].startswith(
            f"张伟 ({world.member.number}) leaves {world.here.name} and belongs to {afar.name} from"
        )
        assert page.context["effects"][1:] == [
            "From that day on the member studies at 津门湖街道党校.",
            "1 post ends on that day: 张伟 (secretary).",
            "The open sessions of 张伟 end at once.",
            "Credit hours stay where they were posted.",
        ]
        assert Membership.objects.get(member=world.member).organisation == world.here

    def test_a_closed_organisation_is_not_offered(self, world):
        Organisation.objects.filter(pk=world.there.pk).update(period=period(START, today()))

        assert "No organisation of that day fits this." in (
            self.transfer(world, organisation=world.there.code).text
        )

    def test_a_refusal_stands_at_its_field(self, world):
        page = self.transfer(world, organisation=world.here.code)

        assert page.status_code == 422
        assert page.context["form"].errors["organisation"]

    def test_sent_twice_it_acts_once(self, world):
        body = {
            "organisation": world.there.code,
            "on": today().isoformat(),
            "idempotency_key": str(uuid4()),
            "step": "do",
        }
        answers = [world.office.post(world.url("transfer_member"), body) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 302]
        assert Membership.objects.filter(member=world.member).count() == 2

    def test_what_a_colleague_did_since_the_check_is_checked_again(self, world):
        third = make_organisation(world.school, "第三党支部")
        tomorrow = (today() + timedelta(days=1)).isoformat()
        check = self.transfer(world, organisation=third.code, on=tomorrow, step="check")
        typed = filled(check.context["form"]) | {"step": "do"}
        self.transfer(world, organisation=world.there.code)

        anew = self.confirm(world, typed | {"promised": check.context["promised"]})

        assert anew.status_code == 409
        assert f"leaves {world.there.name} and belongs to {third.name}" in anew.text
        assert "Please check it again." in anew.text
        assert not Membership.objects.filter(organisation=third).exists()
        done = self.confirm(world, typed | {"promised": anew.context["promised"]})
        assert done.status_code == 302
        assert Membership.objects.filter(organisation=third).exists()

    def confirm(self, world, body):
        return world.office.post(world.url("transfer_member"), body)


def test_membership_status_is_changed(world):
    answer = world.send(
        "change_membership_status", membership_status="suspended", on=today().isoformat()
    )

    assert answer.status_code == 302
    current = Membership.objects.get(in_force(today()), member=world.member)
    assert current.membership_status == "suspended"


def test_a_post_is_given_and_ended(world):
    world.send(
        "appoint", kind="secretary", organisation=world.here.code, on=f"{today().year}-01-01"
    )
    post = Post.objects.get(member=world.member)
    assert world.url("end_post", post.pk) in world.office.get(world.url("member")).text

    world.send("end_post", post.pk, on=f"{today().year}-02-01")

    post.refresh_from_db()
    assert post.period.upper.isoformat() == f"{today().year}-02-01"
    assert world.url("end_post", post.pk) not in world.office.get(world.url("member")).text


def test_a_secretary_to_be_is_told_what_comes_with_the_post(world):
    world.member.user = factories.make_user()
    world.member.save()
    typed = {"kind": "secretary", "organisation": world.here.code, "on": today().isoformat()}

    effects = world.send("appoint", step="check", **typed).context["effects"]

    assert "is secretary of" in effects[0]
    assert "print slips" in effects[1]
    assert "still open ends" in effects[2]
    assert not Post.objects.exists()


def test_a_post_of_somebody_from_elsewhere_or_suspended_is_remarked_upon(world):
    typed = {"kind": "secretary", "on": today().isoformat()}
    usual = world.send("appoint", step="check", organisation=world.here.code, **typed)
    assert not [effect for effect in usual.context["effects"] if effect.startswith("Mind")]
    world.member.memberships.update(membership_status="suspended")

    effects = world.send("appoint", step="check", organisation=world.there.code, **typed)

    assert effects.context["effects"][1:3] == [
        f"Mind: 张伟 belongs to {world.here.name}, which is neither this one nor below it.",
        "Mind: 张伟 stands as “membership suspended” on that day.",
    ]


def test_a_suspended_secretary_keeps_the_post_with_a_remark(world):
    hold_post(world.member, world.here)
    typed = {"membership_status": "suspended", "on": today().isoformat()}

    effects = world.send("change_membership_status", step="check", **typed).context["effects"]

    stays = f"张伟 stays secretary of {world.here.name}: end the post if that is not meant."
    assert stays in effects


def test_what_ends_with_a_post_is_said_before(world):
    world.member.user = factories.make_user()
    world.member.save()
    post = hold_post(world.member, world.here)

    effects = world.send("end_post", post.pk, step="check", on=today().isoformat()).context

    assert "is no longer secretary of" in effects["effects"][0]
    assert effects["effects"][1] == "The open sessions of 张伟 end at once."
    post.refresh_from_db()
    assert post.period.upper is None


def test_a_membership_status_says_whether_it_counts(world):
    effects = world.send(
        "change_membership_status", step="check", membership_status="lost_contact"
    ).context

    assert "stands as “lost contact” from" in effects["effects"][0]
    assert "leaves the figures" in effects["effects"][-1]


def test_full_membership_is_recorded_from_the_card(world):
    assert world.url("full_membership") in world.office.get(world.url("member")).text

    answer = world.send("full_membership", on="1996-07-01")

    assert answer.status_code == 302
    world.member.refresh_from_db()
    assert world.member.full_member_on.isoformat() == "1996-07-01"
    assert world.url("full_membership") not in world.office.get(world.url("member")).text


def test_days_of_joining_are_corrected_with_their_former_days_in_sight(world):
    assert world.url("correct_days") in world.office.get(world.url("member")).text
    form = world.office.get(world.url("correct_days"))
    assert "1995-07-01" in form.text
    seen = form.context["form"]["seen"].value()
    typed = {"seen": seen, "joined_on": "1996-07-01", "reason": "按档案更正"}

    effects = world.send("correct_days", step="check", **typed).context["effects"]
    assert effects[0] == "Joined the Party on: Mon 1 Jul 1996, until now Sat 1 Jul 1995."
    assert world.send("correct_days", **typed).status_code == 302
    world.member.refresh_from_db()
    assert world.member.joined_on.isoformat() == "1996-07-01"


def test_the_card_says_which_trainings_are_owed_by_when(world):
    world.send("appoint", kind="secretary", organisation=world.here.code, on=today().isoformat())

    page = world.clerk.get(world.url("member"))
    assert "newly appointed secretaries" in page.text
    assert "to be attended by" in page.text


def test_the_post_of_another_member_is_404(world):
    post = make_leader(world.here).posts.get()

    assert world.office.get(world.url("end_post", post.pk)).status_code == 404


class TestCorrection:
    def test_of_name_and_phone_by_the_department(self, world):
        world.send("correct_member", name="张•玮", phone="13800000002")

        world.member.refresh_from_db()
        assert (world.member.name, world.member.phone) == ("张·玮", "13800000002")

    def test_of_the_phone_alone_by_the_clerk(self, world):
        assert "name" not in world.clerk.get(world.url("correct_member")).context["form"].fields
        world.send("correct_member", browser=world.clerk, phone="13800000002", name="别人")

        world.member.refresh_from_db()
        assert (world.member.name, world.member.phone) == ("张伟", "13800000002")

    def test_beside_another_tells_what_is_stored_now_and_is_then_made_knowing_it(self, world):
        address = world.url("correct_member")
        opened = world.office.get(address).context["form"]["seen"].value()
        world.send("correct_member", name="张•玮", phone="13800000002")

        clash = world.send("correct_member", name="张伟", phone="13800000003", seen=opened)

        errors = str(clash.context["form"].non_field_errors())
        assert "张·玮" in errors
        seen = clash.context["form"]["seen"].value()
        assert seen != opened
        world.send("correct_member", name="张伟", phone="13800000003", seen=seen)
        world.member.refresh_from_db()
        assert (world.member.name, world.member.phone) == ("张伟", "13800000003")

    def test_to_a_phone_that_others_have_is_stored_with_a_warning(self, world):
        near = make_member(world.here, "李娜", phone="13800000002").number
        there = make_organisation(factories.make_school("120111005", "津门湖街道"))
        far = make_member(there, "王芳", phone="13800000002").number

        def warned(browser, phone):
            world.send("correct_member", browser=browser, phone=phone)
            return browser.get(world.url("member")).text

        text = warned(world.clerk, "13800000002")
        assert f"2 other members have this phone too: 李娜 ({near})." in text
        assert "王芳" not in text
        world.member.refresh_from_db()
        assert world.member.phone == "13800000002"
        # It is said of a new phone only, and by name as far as the members are in sight.
        assert "have this phone too" not in warned(world.office, "13800000002")
        assert "have this phone too" not in warned(world.office, "13800000003")
        assert f"李娜 ({near}), 王芳 ({far})." in warned(world.office, "13800000002")
        assert "have this phone too" not in warned(world.office, "")

    def test_to_a_phone_of_a_member_out_of_sight_names_nobody(self, world):
        far = make_organisation(factories.make_school("120111005", "津门湖街道"))
        make_member(far, "王芳", phone="13800000002")
        world.send("correct_member", browser=world.clerk, phone="13800000002")

        text = world.clerk.get(world.url("member")).text
        assert "1 other member has this phone too." in text
        assert "王芳" not in text

    @pytest.mark.parametrize("typed", [{"phone": "123"}, {"name": "11010519491231002X"}])
    def test_what_can_not_be_is_said_at_its_field(self, world, typed):
        page = world.send("correct_member", **typed)

        assert page.status_code == 422
        assert list(page.context["form"].errors) == list(typed)

    def test_a_clerk_who_only_reads_at_another_school_corrects_nothing_there(self, world):
        clerk = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))
        factories.grant(clerk, Role.LIAISON_OFFICER, world.school)
        browser = browser_of(clerk)
        assert browser.get(world.url("member")).status_code == 200

        assert browser.get(world.url("correct_member")).status_code == 404
