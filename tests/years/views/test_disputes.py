"""The pages of disputes: what a form sends, what a refusal says, and where it stands."""

from __future__ import annotations

from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from classes.models import Roll
from config.lib.periods import at_local
from hours.models import Dispute
from rolls.models import Attendance
from tests import factories
from tests.browsers import browser_of
from tests.factories import DAY
from tests.hours.actions.test_disputes import EVENING, DisputeWorld

pytestmark = pytest.mark.django_db

URLS = "open_dispute", "answer_dispute", "appeal_dispute", "decide_dispute", "withdraw_dispute"


@pytest.fixture
def world(monkeypatch) -> DisputeWorld:
    world = DisputeWorld()
    world.on = lambda days: monkeypatch.setattr(
        timezone, "now", lambda: EVENING + timedelta(days=days)
    )
    world.on(2)
    return world


def address(name: str, *args) -> str:
    return reverse(name, args=args)


def send(browser, url: str, **body):
    return browser.post(url, {"idempotency_key": uuid4(), **body})


def errors_of(page) -> str:
    return str(page.context["form"].errors)


def close_roll(world) -> None:
    Roll.objects.filter(session=world.session).update(closed_at=EVENING + timedelta(days=15))


def held(world, *, organisation=None, members=None, held_on=DAY, passed_by=None, starts_at=None):
    """A study that a secretary recorded and handed in; passed by the school if said so."""
    secretary = factories.make_leader(organisation or world.organisation)
    secretary.user = factories.make_user()
    secretary.save(update_fields=["user"])
    study = factories.make_study(
        organisation or world.organisation,
        members or [world.other],
        by=secretary.user,
        held_on=held_on,
        starts_at=starts_at,
    )
    if passed_by:
        factories.review_study(
            study_id=study.pk,
            seen_version=study.version,
            passes=True,
            reason="",
            by=factories.acting(passed_by),
            at=at_local(held_on, 22),
        )
    return study


class TestTheMember:
    def test_disputes_a_line_from_the_own_page(self, world):
        browser = browser_of(world.member.user)
        url = address("years:open_dispute", world.line.pk)
        assert url in browser.get(address("years:my_hours")).content.decode()
        assert browser.get(url).status_code == 200

        reply = send(browser, url, text="我当天到课")

        dispute = Dispute.objects.get()
        assert reply.url == address("years:dispute", dispute.pk)
        text = browser.get(address("years:my_hours")).content.decode()
        assert url not in text
        assert address("years:dispute", dispute.pk) in text
        assert "我当天到课" in browser.get(reply.url).content.decode()
        assert browser.get(url).url == reply.url

    def test_of_a_line_that_was_corrected_meanwhile_looks_again_and_sends(self, world):
        browser, old = browser_of(world.member.user), address("years:open_dispute", world.line.pk)
        assert browser.get(old).status_code == 200
        world.correct("late")

        refused = send(browser, old, text="我当天准时到课")

        assert refused.status_code == 422
        assert "changed meanwhile" in refused.text
        assert "我当天准时到课" in refused.text
        new = refused.context["action"]
        assert new != old
        assert f'action="{new}"' in refused.text
        assert browser.get(old).url == new
        assert send(browser, new, text="我当天准时到课").status_code == 302
        assert Dispute.objects.get().assessment.version == 2

    def test_says_it_in_a_second_window_too_and_is_led_to_what_there_is(self, world):
        browser, url = browser_of(world.member.user), address("years:open_dispute", world.line.pk)
        send(browser, url, text="我当天到课")

        page = send(browser, url, text="另外一句")

        assert page.status_code == 422
        assert "in dispute already" in page.text
        assert "另外一句" in page.text
        assert f'<a href="{address("years:dispute", Dispute.objects.get().pk)}">' in page.text

    def test_sends_twice_and_opens_once(self, world):
        browser, url = browser_of(world.member.user), address("years:report_missing")
        body = {
            "idempotency_key": uuid4(),
            "occurred_on": "2026-05-20",
            "missing": "主题党日",
            "text": "我参加了",
        }

        first, second = browser.post(url, body), browser.post(url, body)

        assert first.url == second.url == address("years:dispute", Dispute.objects.get().pk)
        assert browser.post(url, body | {"text": "别的"}).status_code == 409

    def test_is_led_to_the_dispute_that_there_is_of_the_same_hours(self, world):
        browser, url = browser_of(world.member.user), address("years:report_missing")
        body = {"occurred_on": "2026-05-20", "missing": "主题党日", "text": "我参加了"}
        send(browser, url, **body)

        page = send(browser, url, **body)

        assert page.status_code == 422
        there = address("years:dispute", Dispute.objects.get().pk)
        assert there in page.context["form"].errors["missing"][0]
        assert f'<a href="{there}">' in page.text

    def test_is_told_at_the_field_what_is_not_right(self, world):
        browser, url = browser_of(world.member.user), address("years:report_missing")

        ahead = send(browser, url, occurred_on="2026-05-30", missing="主题党日", text="我参加了")
        number = send(
            browser, url, occurred_on="2026-05-20", missing="主题党日", text="11010519491231002X"
        )

        assert ahead.status_code == number.status_code == 422
        assert list(ahead.context["form"].errors) == ["occurred_on"]
        assert list(number.context["form"].errors) == ["text"]
        assert not Dispute.objects.exists()

    def test_learns_until_when_a_line_could_be_disputed(self, world):
        world.on(31)
        browser, url = browser_of(world.member.user), address("years:open_dispute", world.line.pk)

        page = browser.get(url)

        assert "could be disputed until Fri 19 Jun 2026" in page.content.decode()
        assert "until Fri 19 Jun 2026" in browser.get(address("years:my_hours")).content.decode()
        assert send(browser, url, text="我当天到课").status_code == 422

    def test_appeals_and_takes_back(self, world):
        dispute = world.dispute()
        world.answer(dispute)
        world.on(4)
        browser = browser_of(world.member.user)
        assert "until" in browser.get(address("years:dispute", dispute.pk)).content.decode()

        send(browser, address("years:appeal_dispute", dispute.pk), text="签到表上有我")
        dispute.refresh_from_db()
        assert dispute.state == "appealed"
        send(browser, address("years:withdraw_dispute", dispute.pk))
        dispute.refresh_from_db()
        assert dispute.state == "withdrawn"

    def test_of_another_page_is_no_one(self, world):
        dispute = world.dispute()
        browser = browser_of(world.other.user)

        for name in ("dispute", *URLS):
            key = dispute.assessment_id if name == "open_dispute" else dispute.pk
            url = address(f"years:{name}", key)
            assert browser.get(url).status_code == 404, name
            if name != "dispute":
                assert send(browser, url, text="x").status_code == 404, name


class TestTheSchool:
    def test_corrects_first_by_the_link_at_the_field(self, world):
        browser, dispute = browser_of(world.clerk), world.dispute()
        url = address("years:answer_dispute", dispute.pk)
        correction = address("rolls:correction", Attendance.objects.get(member=world.member).pk)

        page = send(browser, url, verdict="corrected")

        assert page.status_code == 422
        assert f'href="{correction}"' in errors_of(page)
        world.correct(days=2)
        assert send(browser, url, verdict="corrected").url == address("years:dispute", dispute.pk)

    def test_explains_what_stays(self, world):
        browser, dispute = browser_of(world.clerk), world.dispute()
        url = address("years:answer_dispute", dispute.pk)

        page = send(browser, url, verdict="stands", text="")

        assert list(page.context["form"].errors) == ["text"]
        assert send(browser, url, verdict="stands", text="点名册如此").status_code == 302
        assert browser.get(url).url == address("years:dispute", dispute.pk)

    def test_is_led_from_missing_hours_to_the_sessions_of_that_month(self, world):
        dispute = world.missing()

        page = browser_of(world.clerk).get(address("years:answer_dispute", dispute.pk))

        assert "/sessions/?year=2026&amp;part=m5" in page.content.decode()

    def test_is_led_from_missing_hours_to_the_study_of_the_own_organisation(self, world):
        passed, waiting = held(world, passed_by=world.clerk), held(world, starts_at=time(9))
        others = factories.make_organisation(world.school, "第二党支部")
        held(world, organisation=others, members=[factories.make_member(others)])
        held(world, held_on=DAY - timedelta(days=DAY.day), passed_by=world.clerk)
        browser, dispute = browser_of(world.clerk), world.missing()
        url = address("years:answer_dispute", dispute.pk)

        page = browser.get(url)

        assert [
            (study.study, study.names_member, study.url) for study in page.context["studies"]
        ] == [
            (passed, False, address("studies:correct_participants", passed.pk)),
            (waiting, False, address("studies:study", waiting.pk)),
        ]
        assert "the member is not on the list" in page.content.decode()
        body = {"seen_version": 3, "step": "do", "reason": "签到表上有他"}
        people = [world.other.pk, world.member.pk]
        send(browser, page.context["studies"][0].url, members=people, **body)
        assert send(browser, url, verdict="corrected").url == address("years:dispute", dispute.pk)

    def test_on_appeal_the_department_corrects_who_was_there(self, world):
        study = held(world, members=[world.member], passed_by=world.clerk)
        browser, people = (
            browser_of(world.officer),
            address("studies:correct_participants", study.pk),
        )
        line = world.member.assessments.get(source__study=study)
        dispute = world.dispute(line=line, days=2)
        assert browser.get(people).url == address("studies:study", study.pk)
        world.answer(dispute)
        world.appeal(dispute)
        world.on(6)
        browser, url = browser_of(world.officer), address("years:decide_dispute", dispute.pk)
        assert people in browser.get(url).content.decode()
        refusal = send(browser, url, verdict="corrected", text="")
        assert f'href="{people}"' in errors_of(refusal)

        body = {"seen_version": 3, "step": "do", "reason": "当天在外地"}
        send(browser, people, members=[world.other.pk], **body)

        assert send(browser, url, verdict="corrected").url == address("years:dispute", dispute.pk)
        assert browser.get(people).url == address("studies:study", study.pk)

    def test_on_appeal_the_department_corrects_the_mark(self, world):
        dispute = world.dispute()
        mark = Attendance.objects.get(member=world.member)
        browser, url = browser_of(world.officer), address("years:decide_dispute", dispute.pk)
        correction = address("rolls:correction", mark.pk)
        assert browser.get(correction).url == address("rolls:roll", world.session.pk)
        world.answer(dispute)
        world.appeal(dispute)
        close_roll(world)
        world.on(20)
        browser = browser_of(world.officer)
        assert f'href="{correction}"' in browser.get(url).content.decode()
        assert f'href="{correction}"' in errors_of(send(browser, url, verdict="corrected"))
        assert "签到表上有我" in browser.get(correction).content.decode()

        body = {"new_status": "present", "seen_version": 1, "reason": "签到表上有他"}
        reply = send(browser, correction, **body)

        assert reply.url == url
        assert "The mark is corrected." in browser.get(url).content.decode()
        assert send(browser, url, verdict="corrected").url == address("years:dispute", dispute.pk)
        others = address("rolls:correction", Attendance.objects.get(member=world.other).pk)
        for done in (correction, others):
            assert browser.get(done).url == address("rolls:roll", world.session.pk)
        assert "1 appeal was decided" in browser_of(world.clerk).get(reverse("home")).text

    def test_corrects_the_disputed_mark_of_a_closed_roll_and_no_other(self, world):
        dispute = world.dispute(days=20)
        close_roll(world)
        world.on(21)
        browser, url = browser_of(world.clerk), address("years:answer_dispute", dispute.pk)
        mark, other = (
            address("rolls:correction", Attendance.objects.get(member=member).pk)
            for member in (world.member, world.other)
        )

        page = browser.get(other, follow=True)

        assert page.redirect_chain[0][0] == address("rolls:roll", world.session.pk)
        assert "ask the district school to reopen it" in page.text
        assert "this one mark can be corrected" in browser.get(mark).text
        body = {"new_status": "present", "seen_version": 1, "reason": "签到表上有他"}
        assert send(browser, mark, **body).url == url
        assert send(browser, url, verdict="corrected").url == address("years:dispute", dispute.pk)
        assert browser.get(mark).url == address("rolls:roll", world.session.pk)

    def test_answers_and_the_department_decides_in_its_own_words(self, world):
        dispute = world.dispute()
        page = browser_of(world.clerk).get(address("years:answer_dispute", dispute.pk)).text
        assert "Send the answer to the member" in page
        assert "Answered by" not in page
        world.answer(dispute)
        world.appeal(dispute)
        world.on(6)
        page = browser_of(world.officer).get(address("years:decide_dispute", dispute.pk)).text

        assert "Send the decision to the member" in page
        assert "Send the answer" not in page

    def test_on_appeal_about_missing_study_as_well(self, world):
        study = held(world, passed_by=world.clerk)
        dispute = world.missing()
        world.answer(dispute)
        world.appeal(dispute)
        world.on(6)
        browser, url = browser_of(world.officer), address("years:decide_dispute", dispute.pk)

        assert [study.may_correct for study in browser.get(url).context["studies"]] == [True]
        assert "A class is put right on its roll by the clerk" in browser.get(url).text
        body = {"seen_version": 3, "step": "do", "reason": "签到表上有他"}
        people = [world.other.pk, world.member.pk]
        send(browser, address("studies:correct_participants", study.pk), members=people, **body)

        assert send(browser, url, verdict="corrected").url == address("years:dispute", dispute.pk)

    def test_whose_answer_crosses_a_withdrawal_is_told(self, world):
        browser, dispute = browser_of(world.clerk), world.dispute()
        world.withdraw(dispute, days=2)

        url = address("years:answer_dispute", dispute.pk)
        page = send(browser, url, verdict="stands", text="点名册如此")

        assert "no longer waits" in errors_of(page)


class TestTheList:
    def test_puts_what_waits_first_and_is_narrowed_in_the_address(self, world):
        answered, waiting = world.dispute(), world.missing()
        world.answer(answered)
        browser = browser_of(world.clerk)

        def listed(**query):
            page = browser.get(address("years:disputes"), query)
            return list(page.context["page_obj"].object_list)

        assert listed() == [waiting, answered]
        assert listed(stage="answered") == [answered]
        assert listed(year="2025") == []
        assert listed(year="2026", stage="open") == [waiting]

    def test_leaves_out_other_schools_and_the_readers_own_elsewhere(self, world):
        world.dispute()
        other = factories.make_school("120111005", "津门湖街道")
        factories.grant(world.member.user, "school_clerk", other)

        page = browser_of(world.member.user).get(address("years:disputes"))

        assert not page.context["page_obj"].object_list

    def test_is_narrowed_by_school_for_the_district(self, world):
        dispute = world.dispute()
        other = factories.make_school("120111005", "津门湖街道")
        browser = browser_of(world.officer)

        for school, rows in ((world.school, [dispute]), (other, [])):
            page = browser.get(address("years:disputes"), {"school": school.pk})
            assert list(page.context["page_obj"].object_list) == rows


def test_the_own_page_shows_confirmed_pending_and_returned_apart(world):
    factories.make_session(world.training_class, starts_at=at_local(DAY + timedelta(days=1), 9))

    page = browser_of(world.other.user).get(address("years:my_hours"))

    assert page.context["my"].done == 4
    assert "<b>4</b> credit hours, not in the total" in page.content.decode()
