"""Pages of reviewers: what they are told, passed, returned, taken back and corrected."""

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
from config.lib.periods import at_local
from hours.models import CreditEntry, CreditRule
from rolls.actions.attendance import submit_roll
from studies.enums import StudyKind
from studies.models import Study
from tests import factories
from tests.browsers import browser_of
from tests.factories import DAY, StudyWorld
from tests.studies.views.test_study_acts import labels, recorded
from trainees.models import Member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world() -> StudyWorld:
    return StudyWorld()


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

    def test_the_queue_stands_on_the_home_page_of_who_takes_the_next_step(self, world, study):
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

    def test_the_person_who_takes_a_record_back_second_keeps_the_reason(self, world, study):
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

        told = {
            row.member_id: (row.expected, row.warnings) for row in page.context["page"].participants
        }
        assert told[busy.pk] == (0, ["2 beyond a limit: daily cap reached"])
        assert told[world.members[1].pk] == (2, [])
        assert page.context["preview"].sentence == "2 members get 4 credit hours together."
        assert "1 of them gets less" in page.context["preview"].warning

    def test_both_rows_of_one_person_foresee_the_hours_once(self, world, study):
        kept, given_up, _other = world.members
        year = study.held_on.year
        Member.objects.filter(pk=given_up.pk).update(merged_into=kept, merged_year=year)
        CreditRule.objects.update(daily_cap=Decimal("1.5"))
        page = browser_of(world.commissioner).get(reverse("studies:study", args=[study.pk]))

        told = {
            row.member_id: (row.expected, row.warnings) for row in page.context["page"].participants
        }
        assert told[kept.pk] == (Decimal("1.5"), ["0.5 beyond a limit: daily cap reached"])
        assert told[given_up.pk] == (0, [])
        assert page.text.count('class="num"') == 2
        assert page.text.count("the same person again: the hours count once") == 1
        assert page.context["preview"].sentence == "2 members get 3 credit hours together."
        assert "2 of them get less" in page.context["preview"].warning

    def test_what_is_cut_on_several_days_is_told_together(self, world):
        member = world.member_with_account()
        first = DAY - timedelta(days=2)
        for n in range(2):
            day = first + timedelta(days=n)
            world.approve(world.record(held_on=day, minutes=480, members=[member]))
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

        (row,) = page.context["page"].participants
        assert (row.expected, row.warnings) == (1, ["2 beyond a limit: daily cap reached"])

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
        told = {label: after for label, _before, after in list_changes(entry)}

        numbers = Member.objects.filter(pk__in=[m.pk for m in world.members])
        assert told["Members"] == ", ".join(sorted(numbers.values_list("number", flat=True)))


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
        assert {row.member_id for row, ticked in form.rows if ticked} == {
            member.pk for member in world.members[:2]
        }
        body = self.body(clerk, url, world.members[1:])
        check = clerk.post(url, body).content.decode()
        absent, present = (f"{row.name} {row.number}" for row in world.members[::2])
        assert f"Added: {present}. 2 credit hours are posted." in check
        assert f"Taken off: {absent}." in check
        assert CreditEntry.objects.count() == 2

        replies = [clerk.post(url, body | {"step": "do"}) for _ in range(2)]

        page = reverse("studies:study", args=[study.pk])
        assert [reply.url for reply in replies] == [page, page]
        assert CreditEntry.objects.filter(member=world.members[2]).sum_hours() == 2
        assert CreditEntry.objects.filter(member=world.members[0]).sum_hours() == 0
        told = clerk.get(page).content.decode()
        assert f"taken off the participants: {world.members[0].name}" in told
        assert "核对签到表" in told

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

        assert {row.member_id for row, ticked in form.rows if ticked} == {
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

    def test_the_person_who_comes_second_gets_the_list_of_now_and_keeps_the_reason(
        self, world, clerk, url
    ):
        first, second = world.members[0], world.members[1]
        late = self.body(clerk, url, [row for row in world.members if row != second])
        late |= {"step": "do", "reason": "乙没到"}
        body = self.body(clerk, url, [row for row in world.members if row != first])
        assert clerk.post(url, body | {"step": "do"}).status_code == 302

        reply = clerk.post(url, late)

        form = reply.context["form"]
        assert reply.status_code == 422
        assert "Somebody else changed this record meanwhile" in reply.text
        ticked = {row.member_id for row, is_ticked in form.rows if is_ticked}
        assert ticked == {row.pk for row in world.members if row != first}
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

    def test_the_person_who_recorded_it_is_led_back(self, world, url, study):
        for user, status in ((world.secretary, 403), (world.commissioner, 403)):
            assert browser_of(user).get(url).status_code == status
        study = recorded(world, by=world.clerk, kind=StudyKind.PARTY_LESSON)
        correction_url = reverse("studies:correct_participants", args=[study.pk])
        assert browser_of(world.clerk).get(correction_url).status_code == 302

    def test_the_member_reads_why_his_hours_went(self, world, clerk, url):
        member = world.member_with_account()
        clerk.post(url, self.body(clerk, url, world.members[1:], step="do", reason="当天请假"))

        page = browser_of(member.user).get(reverse("years:my_hours")).content.decode()

        assert "taken off the participants of this study" in page
        assert "当天请假" in page
