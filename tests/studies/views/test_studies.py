"""Pages of study records: what a form keeps, and what a reviewer is told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import Role
from accounts.models import AuditEntry
from accounts.trail import list_changes
from backstage.tasklist import list_tasks
from config.lib.periods import at_local, period, today
from hours.models import CreditEntry, CreditRule
from rolls.actions.attendance import submit_roll
from studies.enums import StudyKind
from studies.models import Study
from tests import factories
from tests.browsers import browser_of
from tests.factories import DAY, StudyWorld
from trainees.models import Member
from years.queries.access_log import list_accesses

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world() -> StudyWorld:
    return StudyWorld()


def labels(user) -> list[str]:
    return [task.label for task in list_tasks(user, timezone.now())]


def recorded(world, **kwargs) -> Study:
    """A draft of yesterday evening, as the clock of the pages sees it."""
    yesterday = today() - timedelta(days=1)
    return world.record(**{"held_on": yesterday, "at": at_local(yesterday, 21)} | kwargs)


def entries(world, **changed) -> dict[str, object]:
    """What the form of a meeting sends."""
    return {
        "idempotency_key": str(uuid4()),
        "kind": "themed_day",
        "held_on": (today() - timedelta(days=1)).isoformat(),
        "minutes": "120",
        "topic": "重温入党誓词",
        "place": "党员活动室",
        "members": [member.pk for member in world.members],
        "act": "save",
    } | changed


class TestTheFormOfAMeeting:
    @pytest.fixture
    def url(self, world):
        return reverse("studies:record_study", args=[world.organisation.pk])

    @pytest.fixture
    def secretary(self, world):
        return browser_of(world.secretary)

    def test_every_member_with_normal_status_is_ticked_and_a_themed_day_of_today_chosen(
        self, world, secretary, url
    ):
        gone = factories.make_member(world.organisation, "赵六", membership_status="lost_contact")
        form = secretary.get(url).context["form"]

        ticked = {person.member_id for person, is_ticked in form.rows if is_ticked}
        assert ticked == {m.pk for m in world.members} | {world.secretary.member.pk}
        assert gone.pk in {person.member_id for person in form.people}
        assert form["kind"].value() == "themed_day"
        assert form["held_on"].value() == today()

    def test_whoever_has_left_since_is_ticked_for_an_earlier_day_and_looked_at(
        self, world, secretary, url
    ):
        day = today() - timedelta(days=1)
        left, suspended = (factories.make_member(world.organisation, name) for name in "赵钱")
        for member in (left, suspended):
            member.memberships.update(period=period(factories.START, today()))
        suspended.memberships.create(
            organisation=world.organisation, membership_status="suspended", period=period(today())
        )
        form = secretary.get(url).context["form"]
        listed_on = form["listed_on"].value()
        assert listed_on == today().isoformat()
        body = entries(world, held_on=day.isoformat(), listed_on=listed_on)
        body["members"] = [*body["members"], world.secretary.member.pk]

        page = secretary.post(url, body)

        assert page.status_code == 422
        assert f"{left.name}, {suspended.name} belonged here as well" in page.text.replace(
            f"{suspended.name}, {left.name}", f"{left.name}, {suspended.name}"
        )
        form = page.context["form"]
        assert {left.pk, suspended.pk} <= {
            person.member_id for person, ticked in form.rows if ticked
        }
        assert form["listed_on"].value() == day.isoformat()

        again = body | {"listed_on": day.isoformat(), "idempotency_key": str(uuid4())}
        assert secretary.post(url, again).status_code == 302
        there = set(Study.objects.get().participants.values_list("member", flat=True))
        assert there == set(body["members"])

    def test_an_earlier_day_with_the_same_people_is_saved_at_once(self, world, secretary, url):
        body = entries(world, listed_on=today().isoformat())

        assert secretary.post(url, body).status_code == 302

    def test_the_lengths_say_what_they_are_worth(self, secretary, url):
        page = secretary.get(url).content.decode()

        assert "120 minutes: 2 credit hours" in page
        assert "90 minutes: 1.5 credit hours" in page

    def test_a_secretary_of_one_branch_comes_to_it_at_once(self, secretary, url):
        assert secretary.get(reverse("studies:choose_organisation")).url == url

    def test_it_is_saved_as_a_draft_once_however_often_it_is_sent(self, world, secretary, url):
        body = entries(world)
        replies = [secretary.post(url, body) for _ in range(2)]

        study = Study.objects.get()
        address = reverse("studies:study", args=[study.pk])
        assert [reply.url for reply in replies] == [address, address]
        assert (study.state, study.participants.count()) == ("draft", 3)

    def test_handing_in_without_evidence_leaves_a_draft_that_says_what_is_missing(
        self, world, secretary, url
    ):
        page = secretary.post(url, entries(world, act="submit"), follow=True)

        assert Study.objects.get().state == "draft"
        assert "Add a photograph or the sign-in sheet, then hand it in." in page.content.decode()

    def test_another_length_is_typed(self, world, secretary, url):
        secretary.post(url, entries(world, minutes="other", other_minutes="75"))
        assert Study.objects.get().minutes == 75

    def test_an_error_keeps_everything_that_was_typed_and_ticked(self, world, secretary, url):
        first = world.members[0]
        body = entries(world, topic="", place="会议室", minutes="180", members=[first.pk])
        reply = secretary.post(url, body)

        assert reply.status_code == 422
        form = reply.context["form"]
        assert set(form.errors) == {"topic"}
        assert [person.member_id for person, ticked in form.rows if ticked] == [first.pk]
        assert (form["minutes"].value(), form["place"].value()) == ("180", "会议室")

    @pytest.mark.parametrize(
        ("changed", "field", "words"),
        [
            ({"minutes": "other"}, "other_minutes", "how many minutes"),
            ({"minutes": "other", "other_minutes": "10"}, "other_minutes", "no credit hours"),
            ({"members": []}, "members", "Tick those"),
            ({"topic": "120000197001010017"}, "topic", "ID number"),
            ({"held_on": "2019-05-05"}, "held_on", "settled"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, world, secretary, url, changed, field, words):
        reply = secretary.post(url, entries(world, **changed))

        assert reply.status_code == 422
        assert words in str(reply.context["form"].errors[field])
        assert not Study.objects.exists()

    def test_a_guest_is_added_by_number_and_name_and_nothing_else_is_lost(
        self, world, secretary, url
    ):
        branch = factories.make_organisation(factories.make_school("120111005", "津门湖街道"))
        guest = factories.make_member(branch, "赵六")
        named = {"guest_number": guest.number, "guest_name": " 赵 六 "}
        body = entries(world, act="guest", topic="学习", members=[]) | named
        page = secretary.post(url, body)
        form = page.context["form"]

        assert [(person.name, person.is_guest) for person, ticked in form.rows if ticked] == [
            ("赵六", True)
        ]
        assert form["topic"].value() == "学习"
        assert form["guest"].value()[0] in page.text
        body = entries(world, guest=form["guest"].value(), members=[world.members[0].pk, guest.pk])
        secretary.post(url, body)
        assert Study.objects.get().participants.get(member=guest).organisation == branch
        (access,) = list_accesses(guest)
        assert (access.act, access.actor) == ("look_up_guest", world.secretary)

    @pytest.mark.parametrize("act", ["save", "submit"])
    def test_a_guest_who_was_typed_and_not_added_is_not_forgotten(self, world, secretary, url, act):
        named = {"guest_number": "1010000009", "guest_name": "赵六"}
        page = secretary.post(url, entries(world, act=act, topic="学习") | named)

        assert page.status_code == 422
        assert "This guest is not on the list yet" in page.text
        assert all(f'value="{typed}"' in page.text for typed in ("学习", *named.values()))
        assert not Study.objects.exists()
        named["guest_number"] = named["guest_name"] = " "
        assert secretary.post(url, entries(world, act=act) | named).status_code == 302

    def test_nobody_is_named_to_whoever_knows_a_number_or_a_key_alone(self, world, secretary, url):
        branch = factories.make_organisation(factories.make_school("120111005", "津门湖街道"))
        stranger = factories.make_member(branch, "赵六")
        for named in (
            {"act": "guest", "guest_number": stranger.number},
            {"act": "guest", "guest_number": stranger.number, "guest_name": "赵七"},
            {"guest": [stranger.pk], "members": [stranger.pk]},
            {"guest": [f"{stranger.pk}:x"], "members": [stranger.pk]},
        ):
            reply = secretary.post(url, entries(world) | named)
            assert reply.status_code == 422
            assert "赵六" not in reply.text
            assert branch.name not in reply.text
        assert not list_accesses(stranger)

    def test_a_wrong_day_loses_nobody_who_was_ticked(self, world, secretary, url):
        guest = factories.make_member(factories.make_organisation(world.school, "第二党支部"))
        people = [*world.members, guest]
        for member in people:
            member.memberships.update(period=period(today() - timedelta(days=30)))
        named = {"guest_number": guest.number, "guest_name": guest.name}
        form = secretary.post(url, entries(world, act="guest") | named).context["form"]
        keys, tokens = [member.pk for member in people], form["guest"].value()
        long_ago = (today() - timedelta(days=40)).isoformat()
        body = entries(world, guest=tokens, members=keys)

        page = secretary.post(url, body | {"held_on": long_ago})

        form = page.context["form"]
        assert page.status_code == 422
        assert {person.member_id for person, ticked in form.rows if ticked} == set(keys)
        assert "not here on that day" in page.text
        assert form["guest"].value() == tokens
        secretary.post(url, body)
        present = Study.objects.get().participants.values_list("member", flat=True)
        assert set(present) == set(keys)

    def test_an_unknown_guest_is_told(self, world, secretary, url):
        reply = secretary.post(url, entries(world, act="guest", guest_number="99999999"))

        assert reply.status_code == 422
        assert "Number and name fit no member of that day together." in reply.content.decode()

    def test_a_member_of_another_branch_cannot_be_ticked_without_being_a_guest(
        self, world, secretary, url
    ):
        other = factories.make_member(factories.make_organisation(world.school, "第二党支部"))
        reply = secretary.post(url, entries(world, members=[other.pk]))

        assert "did not belong here on that day" in str(reply.context["form"].errors["members"])

    def test_whoever_joined_later_is_refused_on_an_earlier_day(self, world, secretary, url):
        newcomer = factories.make_member(world.organisation)
        newcomer.memberships.update(period=period(today()))
        members = [*(m.pk for m in world.members), newcomer.pk]
        form = secretary.post(url, entries(world, members=members)).context["form"]

        assert f"{newcomer.name} did not belong here on that day" in form.errors["members"][0]
        assert [person.member_id for person in form.people if person.is_absent] == [newcomer.pk]

    def test_whoever_moved_here_later_is_a_guest_only_if_he_was_added_as_one(
        self, world, secretary
    ):
        """A draft of today whose day becomes one on which she was of another branch."""
        former = factories.make_organisation(world.school, "第二党支部")
        moved = factories.make_member(former, "赵六")
        moved.memberships.update(period=period(factories.START, today()))
        moved.memberships.create(organisation=world.organisation, period=period(today()))
        yesterday = today() - timedelta(days=1)
        study = world.record(held_on=today(), members=[moved], at=timezone.now())
        url = reverse("studies:change_study", args=[study.pk])
        body = entries(world, seen_version=1, members=[moved.pk])

        form = secretary.post(url, body).context["form"]

        assert "赵六 did not belong here on that day" in form.errors["members"][0]
        assert not study.participants.exclude(organisation=world.organisation).exists()
        named = {"act": "guest", "guest_number": moved.number, "guest_name": "赵六"}
        form = secretary.post(url, body | named).context["form"]
        assert [
            (person.is_guest, ticked)
            for person, ticked in form.rows
            if person.member_id == moved.pk
        ] == [(True, True)]
        secretary.post(url, body | {"guest": form["guest"].value()})
        study.refresh_from_db()
        assert (study.held_on, study.participants.get().organisation) == (yesterday, former)
        assert len(list_accesses(moved)) == 1
        form = secretary.get(url).context["form"]
        assert [person.is_guest for person, ticked in form.rows if ticked] == [True]

    def test_a_record_handed_in_elsewhere_keeps_what_was_typed_and_says_so(self, world, secretary):
        study = recorded(world)
        url = reverse("studies:change_study", args=[study.pk])
        world.submit(study, at=timezone.now())

        reply = secretary.post(url, entries(world, seen_version=1, topic="改过的主题"))

        assert reply.status_code == 422
        assert "can no longer be changed" in reply.text
        assert reply.context["form"]["topic"].value() == "改过的主题"
        page = secretary.get(url, follow=True)
        assert "can no longer be changed" in page.text

    def test_a_draft_names_who_turns_out_to_have_left_before_its_day(self, world, secretary):
        study, gone = recorded(world), factories.make_member(world.organisation, "赵六")
        study.participants.create(member=gone, organisation=world.organisation)
        gone.memberships.update(period=period(factories.START, study.held_on))
        branch = factories.make_organisation(world.school, "第二党支部")
        gone.memberships.create(organisation=branch, period=period(study.held_on))

        url = reverse("studies:submit_study", args=[study.pk])
        reply = secretary.post(url, {"idempotency_key": str(uuid4()), "seen_version": 1})
        assert (reply.status_code, study.state) == (409, "draft")
        assert "赵六 did not belong here on that day" in reply.text

        form = secretary.get(reverse("studies:change_study", args=[study.pk])).context["form"]
        assert [person.name for person in form.people if person.is_absent] == ["赵六"]

    def test_a_draft_is_changed_on_the_same_form(self, world, secretary):
        study = recorded(world, members=world.members[:1], minutes=75)
        url = reverse("studies:change_study", args=[study.pk])
        page = secretary.get(url)
        form = page.context["form"]
        assert "Change the record" in page.text
        assert (form["minutes"].value(), form["other_minutes"].value()) == ("other", 75)
        assert form.count == 1

        secretary.post(url, entries(world, seen_version=1, topic="改过的主题"))
        study.refresh_from_db()
        assert (study.topic, study.version, study.participants.count()) == ("改过的主题", 2, 3)

    def test_a_draft_changed_in_another_window_is_said_and_the_next_try_is_made_knowing_it(
        self, world, secretary
    ):
        study = recorded(world)
        url = reverse("studies:change_study", args=[study.pk])
        secretary.post(url, entries(world, seen_version=1, topic="先改的主题"))

        reply = secretary.post(url, entries(world, seen_version=1, topic="后改的主题"))

        assert reply.status_code == 422
        assert "changed this record meanwhile" in reply.text
        seen = reply.context["form"]["seen_version"].value()
        body = entries(world, seen_version=seen, topic="后改的主题")
        assert secretary.post(url, body).status_code == 302
        study.refresh_from_db()
        assert (study.topic, study.version) == ("后改的主题", 3)


@pytest.mark.parametrize("name", ["studies", "choose_organisation"])
def test_an_id_number_does_not_stay_in_an_address(world, name):
    url = reverse(f"studies:{name}")
    reply = browser_of(world.clerk).get(url, {"q": "120000197001010017"})

    assert (reply.status_code, reply.url) == (302, url)


def test_a_clerk_looks_the_organisation_up(world):
    for number in range(21):
        factories.make_organisation(world.school, f"第{number}党支部")
    clerk = browser_of(world.clerk)
    url = reverse("studies:choose_organisation")
    page = clerk.get(url)
    assert (len(page.context["found"]), page.context["has_more"]) == (20, True)
    [listed] = clerk.get(url, {"q": world.organisation.code}).context["found"]
    assert listed == world.organisation


class TestVisits:
    def test_nobody_is_ticked_and_the_exempt_stand_first(self, world):
        elder = factories.make_member(world.organisation, "赵六")
        factories.exempt(elder)
        url = reverse("studies:record_visit", args=[world.organisation.pk])
        form = browser_of(world.secretary).get(url).context["form"]

        assert form.people[0].member_id == elder.pk
        assert form.count == 0

    def test_they_are_handed_in_at_once_and_stand_on_the_page_of_the_hours(self, world):
        elder = factories.make_member(world.organisation, "赵六", user=factories.make_user())
        factories.exempt(elder)
        url = reverse("studies:record_visit", args=[world.organisation.pk])
        day = today() - timedelta(days=1)
        body = entries(world, kind="outreach_visit", members=[elder.pk], act="submit")
        browser_of(world.secretary).post(url, body)
        study = Study.objects.get()
        assert (study.state, study.kind) == ("submitted", "outreach_visit")
        world.review(study, world.clerk, at=timezone.now())

        page = browser_of(elder.user).get(reverse("years:my_hours"), {"year": day.year})
        assert page.context["my"].visits == 1
        assert f"Study was brought home 1 time in {day.year}." in page.content.decode()


class TestDeclarations:
    def test_a_member_declares_and_sees_what_became_of_it(self, world):
        member = world.member_with_account()
        browser = browser_of(member.user)
        body = entries(world, kind="online_study", days=1, act="submit", place="学习强国")
        page = browser.post(reverse("studies:declare"), body, follow=True)
        assert "Add a certificate or a screenshot" in page.content.decode()
        study = Study.objects.get()
        world.submit(study, at=timezone.now())
        world.review(study, world.clerk, reason="截图不清楚", at=timezone.now())

        page = browser.get(reverse("years:my_hours")).content.decode()
        assert "截图不清楚" in page
        assert "Mend 1 returned study record" in labels(member.user)

    def test_what_was_declared_by_a_row_that_was_merged_is_changed_as_the_own(self, world):
        member, kept = world.member_with_account(), world.members[1]
        study = recorded(world, kind="online_study", members=[member], by=member.user)
        kept.user, member.user = member.user, None
        member.merged_into, member.merged_year = kept, study.held_on.year
        for row in (member, kept):
            row.save()
        browser, page = browser_of(kept.user), reverse("studies:study", args=[study.pk])
        url = reverse("studies:change_study", args=[study.pk])
        assert url in browser.get(page).text

        body = entries(world, kind="online_study", days=1, place="学习强国", topic="改过的题目")
        assert browser.post(url, body | {"seen_version": 1}).url == page
        study.refresh_from_db()
        assert study.topic == "改过的题目"

    def test_what_the_member_declared_for_the_same_days_stands_beside_it(self, world):
        member, day = world.member_with_account(), today() - timedelta(days=5)

        def declare(on, **facts):
            kwargs = {"kind": "online_study", "members": [member], "by": member.user}
            return world.record(held_on=on, at=timezone.now(), **kwargs | facts)

        first = declare(day, days=3, topic="党史三天")
        again = declare(day + timedelta(days=2), topic="党史又一次")
        world.submit(again, at=timezone.now())
        clerk = browser_of(world.clerk)
        page = reverse("studies:study", args=[again.pk])
        assert "党史三天" not in clerk.get(page).text

        world.submit(first, at=timezone.now())
        later = declare(day + timedelta(days=3), topic="另一天")
        world.submit(later, at=timezone.now())
        for browser in (clerk, browser_of(member.user)):
            text = browser.get(page).text
            assert "Is it the same study?" in text
            assert reverse("studies:study", args=[first.pk]) in text
            assert "另一天" not in text
        world.review(first, world.clerk, at=timezone.now())
        assert "党史三天" in clerk.get(page).text
        assert (
            "Is it the same study?" not in clerk.get(reverse("studies:study", args=[later.pk])).text
        )

    def test_each_kind_says_what_a_length_is_worth_of_it(self, world):
        browser = browser_of(world.member_with_account().user)
        page = browser.get(reverse("studies:declare")).text

        assert "30 minutes: online study 1 credit hour; training elsewhere 0.5" in page
        assert "60 minutes: 1 credit hour<" in page

    def test_who_declares_is_told_what_is_full_already_before_anybody_reviews_it(self, world):
        member = world.member_with_account()
        browser, day = browser_of(member.user), today() - timedelta(days=1)
        training_class = factories.make_class(world.school)
        factories.enrol(training_class, member)
        for hour in (8, 13):
            session = factories.make_session(
                training_class, starts_at=at_local(day, hour), hours="4"
            )
            submit_roll(
                session_id=session.pk,
                marks={member.pk: "present"},
                seen={},
                by=factories.acting(world.clerk),
                at=timezone.now(),
            )
        body = entries(world, kind="online_study", days=1, act="submit", place="学习强国")

        page = browser.post(reverse("studies:declare"), body, follow=True)

        assert "As things stand it will count for 0 credit hours" in page.text
        assert "beyond a limit" in page.text
        world.submit(Study.objects.get(), at=timezone.now())
        again = browser.get(reverse("studies:study", args=[Study.objects.get().pk]))
        assert "As things stand it will count for 0 credit hours" in again.text

    def test_days_that_reach_over_today_are_said_at_their_number(self, world):
        browser = browser_of(world.member_with_account().user)
        body = entries(world, kind="online_study", days=5, place="学习强国")

        reply = browser.post(reverse("studies:declare"), body)

        assert reply.status_code == 422
        assert list(reply.context["form"].errors) == ["days"]

    def test_a_clerk_declares_for_a_member(self, world):
        member = world.member_with_account()
        url = reverse("studies:declare_for", args=[member.pk])
        body = entries(world, kind="outside_training", days=1, minutes="480", place="区委党校")
        browser_of(world.clerk).post(url, body)

        study = Study.objects.get()
        assert (study.recorded_by, study.organisation) == (world.clerk, world.organisation)
        address = reverse("studies:study", args=[study.pk])
        assert browser_of(member.user).get(address).status_code == 200
        stranger = factories.make_member(world.organisation, user=factories.make_user())
        assert browser_of(stranger.user).get(address).status_code == 404


class TestReviews:
    @pytest.fixture
    def study(self, world):
        study = recorded(world)
        world.submit(study, at=timezone.now())
        return study

    def say(self, user, study, act, reason=""):
        url = reverse("studies:review_study", args=[study.pk])
        version = Study.objects.get(pk=study.pk).version
        body = {
            "idempotency_key": str(uuid4()),
            "seen_version": version,
            "act": act,
            "reason": reason,
        }
        return browser_of(user).post(url, body)

    def test_the_queue_stands_on_the_home_page_of_whoever_takes_the_next_step(self, world, study):
        assert "Review 1 study record" in labels(world.commissioner)
        assert "Review 1 study record" not in labels(world.clerk)
        self.say(world.commissioner, study, "pass")
        assert "Review 1 study record" in labels(world.clerk)
        queue = browser_of(world.clerk).get(reverse("studies:studies"), {"progress": "review"})
        assert [study.pk for study in queue.context["page_obj"]] == [study.pk]
        self.say(world.clerk, study, "pass")
        assert "Review 1 study record" not in labels(world.clerk)
        assert CreditEntry.objects.count() == 3

    def test_a_return_says_why_at_the_field_and_the_secretary_reads_it(self, world, study):
        reply = self.say(world.commissioner, study, "return")
        assert reply.status_code == 422
        assert "reason" in reply.context["wrong"].errors

        self.say(world.commissioner, study, "return", "缺签到表")
        assert "Mend 1 returned study record" in labels(world.secretary)
        page = browser_of(world.secretary).get(reverse("studies:study", args=[study.pk]))
        assert "缺签到表" in page.content.decode()

    def test_a_record_is_not_passed_while_a_reason_against_it_is_written(self, world, study):
        reply = self.say(world.commissioner, study, "pass", "缺签到表")

        assert reply.status_code == 422
        assert "clear it to pass" in str(reply.context["wrong"].errors["reason"])
        assert "缺签到表" in reply.text
        study.refresh_from_db()
        assert (study.state, study.reviews.count()) == ("submitted", 0)

    def test_enter_in_the_reason_returns_the_record(self, world, study):
        page = browser_of(world.commissioner).get(reverse("studies:study", args=[study.pk]))

        assert page.text.index('value="return"') < page.text.index('value="pass"')

    def test_whoever_takes_a_record_back_second_keeps_the_reason(self, world, study):
        self.say(world.commissioner, study, "pass")
        self.say(world.clerk, study, "pass")
        study.refresh_from_db()
        other = browser_of(factories.make_clerk(world.school))
        url = reverse("studies:withdraw_study", args=[study.pk])
        body = {"idempotency_key": str(uuid4()), "reason": "重复登记", "step": "do"}
        assert other.post(url, body).status_code == 302

        late = browser_of(world.clerk).post(url, body | {"idempotency_key": str(uuid4())})

        assert other.post(url, body).status_code == 302  # a double click
        assert late.status_code == 422
        assert "not approved" in late.text
        assert "重复登记" in late.text

    def test_who_comes_second_learns_who_was_first_and_keeps_the_reason(self, world, study):
        url = reverse("studies:review_study", args=[study.pk])
        seen = {"seen_version": Study.objects.get().version, "act": "return", "reason": "缺签到表"}
        self.say(world.commissioner, study, "pass")

        late = browser_of(world.commissioner).post(url, seen | {"idempotency_key": uuid4()})

        assert late.status_code == 409
        assert "reviewed this record already" in late.text
        assert world.commissioner.display_name in late.context["problem"]
        assert "缺签到表" in late.text
        self.say(world.clerk, study, "return", "缺照片")
        study.refresh_from_db()
        world.submit(study, at=timezone.now())
        late = browser_of(world.commissioner).post(url, seen | {"idempotency_key": uuid4()})
        form = late.context["review"]
        assert (form["reason"].value(), form["seen_version"].value()) == (
            "缺签到表",
            Study.objects.get().version,
        )

    def test_whose_turn_it_is_not_gets_no_button_and_no_effect(self, world, study):
        for user in (world.secretary, world.clerk):
            page = browser_of(user).get(reverse("studies:study", args=[study.pk]))
            assert "It waits for the review of the community." in page.content.decode()
            assert self.say(user, study, "pass").status_code == 403
        study.refresh_from_db()
        assert study.state == "submitted"

    def test_what_passing_means_is_told_before_it_is_done_and_changes_nothing(self, world, study):
        self.say(world.commissioner, study, "pass")
        page = browser_of(world.clerk).get(reverse("studies:study", args=[study.pk]))

        assert page.context["preview"].sentence == "3 members get 6 credit hours together."
        assert not CreditEntry.objects.exists()

    def test_overlaps_and_caps_stand_beside_the_names(self, world, study):
        """One was in class all day: eight hours, so nothing is left of this day for him."""
        busy = world.members[0]
        self.say(world.commissioner, study, "pass")
        training_class = factories.make_class(world.school)
        factories.enrol(training_class, busy)
        for hour in (8, 13):
            starts_at = at_local(study.held_on, hour)
            session = factories.make_session(training_class, starts_at=starts_at, hours="4")
            submit_roll(
                session_id=session.pk,
                marks={busy.pk: "present"},
                seen={},
                by=factories.acting(world.clerk),
                at=timezone.now(),
            )
        page = browser_of(world.clerk).get(reverse("studies:study", args=[study.pk]))

        shown = {
            participant.member_id: (participant.expected, participant.warnings)
            for participant in page.context["page"].participants
        }
        assert shown[busy.pk] == (0, ["2 beyond a limit: daily cap reached"])
        assert shown[world.members[1].pk] == (2, [])
        assert page.context["preview"].sentence == "2 members get 4 credit hours together."
        assert "1 of them gets less" in page.context["preview"].warning

    def test_both_rows_of_one_person_preview_the_hours_once(self, world, study):
        kept, given_up, _other = world.members
        year = study.held_on.year
        Member.objects.filter(pk=given_up.pk).update(merged_into=kept, merged_year=year)
        CreditRule.objects.update(daily_cap=Decimal("1.5"))
        page = browser_of(world.commissioner).get(reverse("studies:study", args=[study.pk]))

        shown = {
            participant.member_id: (participant.expected, participant.warnings)
            for participant in page.context["page"].participants
        }
        assert shown[kept.pk] == (Decimal("1.5"), ["0.5 beyond a limit: daily cap reached"])
        assert shown[given_up.pk] == (0, [])
        assert page.text.count('class="num"') == 2
        assert page.text.count("the same person again: the hours count once") == 1
        assert page.context["preview"].sentence == "2 members get 3 credit hours together."
        assert "2 of them get less" in page.context["preview"].warning

    def test_what_is_cut_on_several_days_is_told_together(self, world):
        member = world.member_with_account()
        first = DAY - timedelta(days=2)
        for n in range(2):
            world.approve(world.record(held_on=first + timedelta(days=n), members=[member]))
        declared = world.record(
            kind="online_study",
            place="学习强国",
            held_on=first,
            days=3,
            minutes=480,
            members=[member],
            by=member.user,
        )
        page = browser_of(member.user).get(reverse("studies:study", args=[declared.pk]))

        (participant,) = page.context["page"].participants
        assert (participant.expected, participant.warnings) == (
            20,
            ["4 beyond a limit: daily cap reached"],
        )

    def test_taking_back_says_first_what_it_does(self, world, study):
        self.say(world.commissioner, study, "pass")
        self.say(world.clerk, study, "pass")
        clerk = browser_of(world.clerk)
        url = reverse("studies:withdraw_study", args=[study.pk])
        body = {"idempotency_key": str(uuid4()), "reason": "重复登记"}
        check = clerk.post(url, body)
        assert "6 credit hours of 3 members are reversed." in check.context["effects"]
        assert CreditEntry.objects.count() == 3

        clerk.post(url, body | {"step": "do"})
        study.refresh_from_db()
        assert study.state == "withdrawn"
        page = clerk.get(reverse("studies:study", args=[study.pk])).content.decode()
        assert "重复登记" in page
        assert browser_of(world.secretary).get(url).status_code == 403

    def test_the_course_of_a_record_tells_who_did_what_and_why(self, world, study):
        self.say(world.commissioner, study, "return", "缺签到表")
        world.submit(study, at=timezone.now())
        self.say(world.commissioner, study, "pass")
        page = browser_of(world.secretary).get(reverse("studies:study", args=[study.pk]))

        assert [(event.what, event.reason) for event in page.context["page"].events] == [
            ("recorded", ""),
            ("handed in", ""),
            ("review of the community: returned", "缺签到表"),
            ("handed in", ""),
            ("review of the community: passed", ""),
        ]

    def test_the_trail_names_members_by_number(self, world, study):
        entry = AuditEntry.objects.get(act="record_study")
        changes = {label: after for label, _before, after in list_changes(entry)}

        numbers = Member.objects.filter(pk__in=[m.pk for m in world.members])
        assert changes["Members"] == ", ".join(sorted(numbers.values_list("number", flat=True)))


class TestALeaderOfTheSchool:
    def test_finds_and_passes_what_the_only_clerk_recorded(self, world):
        world.commissioner.role_grants.all().delete()
        leader, now = factories.make_user(), timezone.now()
        factories.grant(leader, Role.SCHOOL_LEADER, world.school)
        study = recorded(world, by=world.clerk)
        world.submit(study, at=now)
        assert "Review 1 study record" in labels(leader)
        browser, page = browser_of(leader), reverse("studies:study", args=[study.pk])
        queue = browser.get(reverse("studies:studies"), {"progress": "review"})
        assert list(queue.context["page_obj"]) == [study]
        waits = browser_of(world.clerk).get(page).content.decode()
        assert "a clerk or leader who did not record it" in waits
        form = browser.get(page).context["review"]

        body = {"idempotency_key": uuid4(), "seen_version": form["seen_version"].value()}
        browser.post(reverse("studies:review_study", args=[study.pk]), body | {"act": "pass"})

        study.refresh_from_db()
        assert study.state == "approved"
        assert "Review 1 study record" not in labels(leader)


class TestTheList:
    def test_is_narrowed_by_its_address(self, world):
        draft = recorded(world)
        lesson = recorded(world, kind=StudyKind.PARTY_LESSON)
        world.submit(lesson, at=timezone.now())
        recorded(world, by=world.clerk, kind=StudyKind.BRANCH_MEETING)
        secretary = browser_of(world.secretary)

        def listed(**address):
            page = secretary.get(reverse("studies:studies"), address)
            return {study.pk for study in page.context["page_obj"]}

        assert len(listed()) == 3
        assert listed(progress="submitted") == {lesson.pk}
        assert listed(study_kind="themed_day") == {draft.pk}
        assert listed(recorder="me") == {draft.pk, lesson.pk}
        assert listed(year=today().year - 1) == set()

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


def test_a_draft_is_thrown_away_after_a_look_and_once(world):
    study = recorded(world)
    browser, url = browser_of(world.secretary), reverse("studies:discard_study", args=[study.pk])
    body = {"idempotency_key": str(uuid4()), "seen_version": study.version}

    check = browser.post(url, body)
    assert "3 participants is deleted" in check.text
    assert Study.objects.exists()

    body |= {"step": "do", "promised": check.context["promised"]}
    done = [browser.post(url, body) for _ in range(2)]
    assert [answer.url for answer in done] == [reverse("studies:studies")] * 2
    assert not Study.objects.exists()
    assert browser.post(url, body | {"idempotency_key": str(uuid4())}).status_code == 404


def test_a_draft_changed_meanwhile_is_not_thrown_away_unseen(world):
    study = recorded(world)
    Study.objects.update(version=2)
    browser, url = browser_of(world.secretary), reverse("studies:discard_study", args=[study.pk])

    anew = browser.post(url, {"idempotency_key": str(uuid4()), "seen_version": 1})

    assert anew.status_code == 409
    assert "changed this record meanwhile" in anew.text
    seen = anew.context["version_form"]["seen_version"].value()
    check = browser.post(url, {"idempotency_key": str(uuid4()), "seen_version": seen})
    assert check.status_code == 200
    assert Study.objects.exists()


class TestCorrectingParticipants:
    @pytest.fixture
    def study(self, world):
        study, at = recorded(world, members=world.members[:2]), timezone.now()
        world.submit(study, at=at)
        for user in (world.commissioner, world.clerk):
            world.review(study, user, at=at)
        return study

    @pytest.fixture
    def url(self, study):
        return reverse("studies:correct_participants", args=[study.pk])

    @pytest.fixture
    def clerk(self, world):
        return browser_of(world.clerk)

    def body(self, clerk, url, members, **changed):
        form = clerk.get(url).context["form"]
        return {
            "idempotency_key": str(uuid4()),
            "seen_version": form["seen_version"].value(),
            "members": [member.pk for member in members],
            "reason": "核对签到表",
        } | changed

    def test_signs_nobody_whom_nobody_looked_up(self, clerk, url):
        page = clerk.get(url)

        assert page.context["form"].people
        assert 'name="guest"' not in page.text

    def test_the_list_is_ticked_and_a_change_is_checked_before_it_is_made(
        self, world, study, clerk, url
    ):
        assert url in clerk.get(reverse("studies:study", args=[study.pk])).content.decode()
        form = clerk.get(url).context["form"]
        assert {person.member_id for person, ticked in form.rows if ticked} == {
            member.pk for member in world.members[:2]
        }
        body = self.body(clerk, url, world.members[1:])
        check = clerk.post(url, body).content.decode()
        absent, present = (f"{member.name} {member.number}" for member in world.members[::2])
        assert f"Added: {present}. 2 credit hours are posted." in check
        assert f"Taken off: {absent}." in check
        assert CreditEntry.objects.count() == 2

        replies = [clerk.post(url, body | {"step": "do"}) for _ in range(2)]

        page = reverse("studies:study", args=[study.pk])
        assert [reply.url for reply in replies] == [page, page]
        assert CreditEntry.objects.filter(member=world.members[2]).sum_hours() == 2
        assert CreditEntry.objects.filter(member=world.members[0]).sum_hours() == 0
        text = clerk.get(page).content.decode()
        assert f"taken off the participants: {world.members[0].name}" in text
        assert "核对签到表" in text

    def test_one_taken_back_meanwhile_is_not_corrected_and_the_reason_stays(
        self, world, study, clerk, url
    ):
        body = self.body(clerk, url, world.members) | {"step": "do"}
        withdraw = {"idempotency_key": str(uuid4()), "reason": "记错了", "step": "do"}
        clerk.post(reverse("studies:withdraw_study", args=[study.pk]), withdraw)

        late = clerk.post(url, body)

        assert late.status_code == 422
        assert "can no longer be corrected by you" in late.text
        assert late.context["form"]["reason"].value() == "核对签到表"

    def test_a_guest_is_added_and_what_was_typed_stays(self, world, clerk, url):
        guest = factories.make_member(factories.make_organisation(world.school, "第二党支部"))
        named = {"guest_number": guest.number, "guest_name": guest.name}
        body = self.body(clerk, url, world.members, act="guest") | named

        form = clerk.post(url, body).context["form"]

        assert {person.member_id for person, ticked in form.rows if ticked} == {
            guest.pk,
            *(member.pk for member in world.members),
        }
        assert form["reason"].value() == "核对签到表"
        left = clerk.post(url, body | {"act": "", "guest_number": "1"})
        assert left.status_code == 422
        assert "This guest is not on the list yet" in left.text
        assert 'value="1"' in left.text
        wrong = clerk.post(url, body | {"guest_number": "1"})
        assert "Number and name fit no member of that day together." in wrong.content.decode()
        carried = form["guest"].value()
        assert len(set(carried)) == len(carried)
        again = clerk.post(url, body | {"guest": carried}).context["form"]
        assert again["guest"].value() == carried
        done = body | {"act": "", "members": [*body["members"], guest.pk]}
        done |= {"guest_number": "", "guest_name": ""}
        assert clerk.post(url, done).status_code == 422  # the form lost who was looked up
        done |= {"guest": form["guest"].value()}
        check = clerk.post(url, done)
        assert check.context["form"]["guest"].value()[-1] in check.text
        done |= {"step": "do"}
        assert clerk.post(url, done).status_code == 302
        assert CreditEntry.objects.filter(member=guest).sum_hours() == 2

    def test_whoever_comes_second_gets_the_list_of_now_and_keeps_the_reason(
        self, world, clerk, url
    ):
        first, second = world.members[0], world.members[1]
        late = self.body(clerk, url, [member for member in world.members if member != second])
        late |= {"step": "do", "reason": "乙没到"}
        body = self.body(clerk, url, [member for member in world.members if member != first])
        assert clerk.post(url, body | {"step": "do"}).status_code == 302

        reply = clerk.post(url, late)

        form = reply.context["form"]
        assert reply.status_code == 422
        assert "Somebody else changed this record meanwhile" in reply.text
        ticked = {person.member_id for person, is_ticked in form.rows if is_ticked}
        assert ticked == {member.pk for member in world.members if member != first}
        assert form["reason"].value() == "乙没到"
        again = late | {"seen_version": form["seen_version"].value()}
        again["members"] = [key for key in ticked if key != second.pk]
        assert clerk.post(url, again).status_code == 302

    def test_it_wants_a_reason_a_change_and_somebody_left(self, world, clerk, url):
        for members, reason, words in (
            (world.members, " ", "This field is required"),
            (world.members[:2], "核对", "nothing to correct"),
            ([], "核对", "take the whole record back"),
        ):
            reply = clerk.post(url, self.body(clerk, url, members, reason=reason))
            assert reply.status_code == 422
            assert words in reply.content.decode()

    def test_whoever_recorded_it_is_led_back(self, world, url, study):
        for user, status in ((world.secretary, 403), (world.commissioner, 403)):
            assert browser_of(user).get(url).status_code == status
        study = recorded(world, by=world.clerk, kind=StudyKind.PARTY_LESSON)
        address = reverse("studies:correct_participants", args=[study.pk])
        assert browser_of(world.clerk).get(address).status_code == 302

    def test_the_member_reads_why_his_hours_went(self, world, clerk, url):
        member = world.member_with_account()
        clerk.post(url, self.body(clerk, url, world.members[1:], step="do", reason="当天请假"))

        page = browser_of(member.user).get(reverse("years:my_hours")).content.decode()

        assert "taken off the participants of this study" in page
        assert "当天请假" in page
