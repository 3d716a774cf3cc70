"""Pages of tasks and claims: a form acts once, and an address says its year."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import AuditEntry
from quotas.models import AnnualTask, QuotaClaim, TaskLine
from quotas.queries.tasks import department_tasks
from tests.admin_pages import make_officer
from tests.browsers import browser_of
from tests.factories import grant
from tests.quotas.world import QuotaWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def w() -> QuotaWorld:
    return QuotaWorld()


def key() -> dict[str, str]:
    return {"idempotency_key": str(uuid4())}


class TestAFormSentTwice:
    def test_drops_a_draft_of_a_claim_once(self, w):
        w.publish()
        address = reverse("quotas:discard_claim", args=[w.write(12, 250).pk])
        self.assert_same_reply(browser_of(w.clerk), address, key() | {"step": "do"})

    def test_drops_a_draft_of_a_task_once(self, w):
        address = reverse("quotas:discard_task", args=[w.draft().pk])
        self.assert_same_reply(browser_of(w.officer), address, key() | {"step": "do"})
        assert not AnnualTask.objects.exists()

    def test_takes_a_line_out_once(self, w):
        task = w.draft()
        page = browser_of(w.officer).get(reverse("quotas:task", args=[task.pk]))
        line, form = page.context["lines"][0]
        sent = {"idempotency_key": str(form["idempotency_key"].value())}
        assert sent["idempotency_key"] in page.text

        self.assert_same_reply(
            browser_of(w.officer), reverse("quotas:drop_line", args=[line.pk]), sent
        )
        assert TaskLine.objects.count() == 1

    def test_begins_one_claim(self, w):
        w.publish()
        address = f"{reverse('quotas:begin_claim')}?year=2026"
        self.assert_same_reply(browser_of(w.clerk), address, key() | {"school": str(w.school.pk)})
        assert QuotaClaim.objects.count() == 1

    def test_saves_a_claim_once(self, w):
        w.publish()
        claim = w.write(12, 250)
        lines = {f"line_{pk}": "9" for pk in claim.lines.values_list("task_line", flat=True)}
        written = AuditEntry.objects.filter(act="write_claim")
        before = written.count()

        self.assert_same_reply(
            browser_of(w.clerk), reverse("quotas:claim", args=[claim.pk]), key() | lines
        )
        assert written.count() == before + 1

    def test_sets_a_line_once(self, w):
        task = w.draft()
        changed = AuditEntry.objects.filter(act="change_task")
        before = changed.count()
        sent = key() | {"measure": "hours", "amount": "900"}

        self.assert_same_reply(browser_of(w.officer), reverse("quotas:task", args=[task.pk]), sent)
        assert changed.count() == before + 1

    @staticmethod
    def assert_same_reply(client, address: str, sent: dict[str, str]) -> None:
        first, second = (client.post(address, sent) for _ in range(2))
        assert (first.status_code, second.status_code, second.url) == (302, 302, first.url)


class TestTheYearOfAnAddress:
    @pytest.mark.parametrize("year", ["20255", "", "1850", "now"])
    @pytest.mark.parametrize("name", ["tasks", "begin_task", "reconciliations"])
    def test_that_is_none_is_not_taken_for_this_one(self, w, year, name):
        address = f"{reverse(f'quotas:{name}')}?year={year}"
        assert browser_of(w.officer).get(address).status_code == 404

    def test_is_this_one_if_none_is_named(self, w):
        assert browser_of(w.officer).get(reverse("quotas:tasks")).status_code == 200

    def test_is_asked_of_a_claim(self, w):
        w.publish()
        address = f"{reverse('quotas:begin_claim')}?year=20266"
        sent = key() | {"school": str(w.school.pk)}
        assert browser_of(w.clerk).post(address, sent).status_code == 404
        assert not QuotaClaim.objects.exists()


class TestAClaimOfOnesOwn:
    """An officer who also speaks for a school decides on the claims of the others alone."""

    @pytest.fixture
    def claims(self, w) -> tuple[QuotaClaim, QuotaClaim]:
        w.publish()
        own, of_another = w.submit(12, 250), w.submit(8, 150, school=w.other)
        grant(w.officer, Role.SCHOOL_LEADER, w.school)
        return own, of_another

    def test_is_not_offered_for_decision_and_says_why(self, w, claims):
        own, of_another = claims
        for claim, offers in ((own, False), (of_another, True)):
            page = browser_of(w.officer).get(reverse("quotas:claim", args=[claim.pk]))
            assert (reverse("quotas:accept_claim", args=[claim.pk]) in page.text) is offers
            assert (reverse("quotas:ask_again", args=[claim.pk]) in page.text) is offers
            assert ("another officer decides" in page.text) is not offers

    def test_is_not_counted_on_home_which_leads_to_those_that_wait(self, w, claims):
        _own, of_another = claims
        browser = browser_of(w.officer)
        [task] = department_tasks(w.officer, timezone.now())
        assert "1 份认领" in task.label

        assert list(browser.get(task.url).context["page_obj"]) == [of_another]

    def test_asks_nobody_of_home_who_may_decide_on_none(self, w, claims):
        grant(w.officer, Role.SCHOOL_LEADER, w.other)
        assert department_tasks(w.officer, timezone.now()) == []

    def test_is_another_officers_to_decide(self, w, claims):
        [task] = department_tasks(make_officer(Role.ORGANISATION_DEPARTMENT), timezone.now())
        assert "2 份认领" in task.label

    def test_a_school_has_no_such_list(self, w, claims):
        page = browser_of(w.clerk).get(reverse("quotas:claims"), {"claim_state": "to_decide"})
        assert page.context["filters"].value("claim_state") == ""
