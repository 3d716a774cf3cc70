"""Study recorded on screen: what a form keeps, what is declared, and drafts thrown away."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation

from backstage.tasklist import list_tasks
from config.lib.periods import at_local, period, today
from rolls.actions.attendance import submit_roll
from studies.models import Study
from tests import factories
from tests.browsers import browser_of
from tests.factories import StudyWorld
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


def recorded(world, **facts) -> Study:
    """A draft of yesterday evening, as the clock of the pages sees it."""
    yesterday = today() - timedelta(days=1)
    return world.record(**{"held_on": yesterday, "at": at_local(yesterday, 21)} | facts)


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


def photo(name: str = "现场.png", red: int = 140) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, factories.make_picture(red=red), "image/png")


class TestTheFormOfAMeeting:
    @pytest.fixture
    def url(self, world):
        return reverse("studies:record_study", args=[world.organisation.pk])

    @pytest.fixture
    def secretary(self, world):
        return browser_of(world.secretary)

    def test_everybody_in_good_standing_is_ticked_and_a_themed_day_of_today_chosen(
        self, world, secretary, url
    ):
        gone = factories.make_member(world.organisation, "赵六", membership_status="lost_contact")
        form = secretary.get(url).context["form"]

        ticked = {row.member_id for row, is_ticked in form.rows if is_ticked}
        assert ticked == {m.pk for m in world.members} | {world.secretary.member.pk}
        assert gone.pk in {row.member_id for row in form.people}
        assert form["kind"].value() == "themed_day"
        assert form["held_on"].value() == today()

    def test_the_person_who_has_left_since_is_ticked_for_an_earlier_day_and_looked_at(
        self, world, secretary, url
    ):
        day = today() - timedelta(days=1)
        left, suspended = (factories.make_member(world.organisation, name) for name in "赵钱")
        for row in (left, suspended):
            row.memberships.update(period=period(factories.START, today()))
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
        assert {left.pk, suspended.pk} <= {row.member_id for row, ticked in form.rows if ticked}
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

    def test_handing_in_without_evidence_saves_nothing_and_keeps_what_was_typed(
        self, world, secretary, url
    ):
        page = secretary.post(url, entries(world, act="submit", topic="学习"))

        assert page.status_code == 422
        assert "Choose the evidence here" in str(page.context["files"].errors["photo"])
        assert 'value="学习"' in page.text
        assert not Study.objects.exists()

    def test_it_is_handed_in_with_the_evidence_chosen_on_the_form(self, world, secretary, url):
        body = entries(world, act="submit")
        for _ in range(2):
            files = {
                "photo": [photo("一.png", 1), photo("二.png", 2)],
                "sheet": [photo("表.png", 3)],
            }
            page = secretary.post(url, body | files, follow=True)

        study = Study.objects.get()
        assert (study.state, study.files.count()) == ("submitted", 3)
        assert "The record is handed in." in page.text

    def test_a_draft_keeps_the_evidence_chosen_with_it(self, world, secretary, url):
        secretary.post(url, entries(world) | {"photo": [photo()]})

        assert (Study.objects.get().state, Study.objects.get().files.count()) == ("draft", 1)

    @pytest.mark.parametrize("act", ["save", "submit"])
    def test_a_file_that_is_none_is_said_at_its_field_and_nothing_is_saved(
        self, world, secretary, url, act
    ):
        bad = SimpleUploadedFile("坏.png", b"no picture", "image/png")
        page = secretary.post(url, entries(world, act=act) | {"photo": [photo(), bad]})

        assert page.status_code == 422
        assert page.context["files"].errors["photo"]
        assert not Study.objects.exists()

    def test_files_that_the_browser_forgets_are_asked_for_again(self, world, secretary, url):
        page = secretary.post(url, entries(world, topic="") | {"photo": [photo()]})

        assert page.status_code == 422
        assert "Choose the files again" in page.text

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
        assert [row.member_id for row, ticked in form.rows if ticked] == [first.pk]
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

        assert [(row.name, row.is_guest) for row, ticked in form.rows if ticked] == [("赵六", True)]
        assert form["topic"].value() == "学习"
        assert form["guest"].value()[0] in page.text
        body = entries(world, guest=form["guest"].value(), members=[world.members[0].pk, guest.pk])
        secretary.post(url, body)
        assert Study.objects.get().participants.get(member=guest).organisation == branch
        (look,) = list_accesses(guest)
        assert (look.act, look.actor) == ("look_up_guest", world.secretary)

    @pytest.mark.parametrize("act", ["save", "submit"])
    def test_a_guest_who_was_typed_and_not_added_is_not_forgotten(self, world, secretary, url, act):
        named = {"guest_number": "1010000009", "guest_name": "赵六"}
        page = secretary.post(url, entries(world, act=act, topic="学习") | named)

        assert page.status_code == 422
        assert "This guest is not on the list yet" in page.text
        assert all(f'value="{typed}"' in page.text for typed in ("学习", *named.values()))
        assert not Study.objects.exists()
        named["guest_number"] = named["guest_name"] = " "
        files = {"photo": [photo()]}
        assert secretary.post(url, entries(world, act=act) | named | files).status_code == 302

    def test_nobody_is_named_to_a_person_who_knows_only_a_number_or_key(
        self, world, secretary, url
    ):
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
        assert {row.member_id for row, ticked in form.rows if ticked} == set(keys)
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

    def test_the_person_who_joined_later_is_refused_on_an_earlier_day(self, world, secretary, url):
        newcomer = factories.make_member(world.organisation)
        newcomer.memberships.update(period=period(today()))
        members = [*(m.pk for m in world.members), newcomer.pk]
        form = secretary.post(url, entries(world, members=members)).context["form"]

        assert f"{newcomer.name} did not belong here on that day" in form.errors["members"][0]
        assert [row.member_id for row in form.people if row.is_absent] == [newcomer.pk]

    def test_the_person_who_moved_here_later_is_a_guest_only_if_they_were_added_as_one(
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
            (row.is_guest, ticked) for row, ticked in form.rows if row.member_id == moved.pk
        ] == [(True, True)]
        secretary.post(url, body | {"guest": form["guest"].value()})
        study.refresh_from_db()
        assert (study.held_on, study.participants.get().organisation) == (yesterday, former)
        assert len(list_accesses(moved)) == 1
        form = secretary.get(url).context["form"]
        assert [row.is_guest for row, ticked in form.rows if ticked] == [True]

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
        assert [row.name for row in form.people if row.is_absent] == ["赵六"]

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


def test_a_clerk_looks_the_organisation_up(world):
    for number in range(21):
        factories.make_organisation(world.school, f"第{number}党支部")
    clerk = browser_of(world.clerk)
    url = reverse("studies:choose_organisation")
    page = clerk.get(url)
    assert (len(page.context["found"]), page.context["has_more"]) == (20, True)
    [found] = clerk.get(url, {"q": world.organisation.code}).context["found"]
    assert found == world.organisation


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
        page = browser.post(reverse("studies:declare"), body)
        assert "Choose the evidence here" in str(page.context["files"].errors["certificate"])
        browser.post(reverse("studies:declare"), body | {"certificate": [photo()]})
        study = Study.objects.get()
        assert study.state == "submitted"
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
            usual = {"kind": "online_study", "members": [member], "by": member.user}
            return world.record(held_on=on, at=timezone.now(), **usual | facts)

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
            told = browser.get(page).text
            assert "Is it the same study?" in told
            assert reverse("studies:study", args=[first.pk]) in told
            assert "另一天" not in told
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
        body = entries(world, kind="online_study", days=1, place="学习强国")

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
