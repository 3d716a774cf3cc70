"""Documents in the browser: issued, opened, revoked, checked by strangers, told to the member."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.codes import OF_DOCUMENT, format_code
from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import today
from tests import factories
from tests.browsers import browser_of
from tests.years.actions.test_document_check import UNKNOWN, drawn
from tests.years.actions.test_documents import World, person
from years.actions.document_check import TRIES_PER_ADDRESS
from years.models import IssuedDocument

__all__ = ["drawn"]

CHECK, SERVED, ACCESS_LOG = (
    reverse(f"years:{name}") for name in ("check_document", "served_members", "my_access_log")
)


@pytest.fixture
def world(db, drawn):
    world = World()
    world.codes = drawn
    world.mine = browser_of(world.member.user)
    world.clerks = browser_of(world.clerk)
    world.secretary = person(Role.BRANCH_SECRETARY, world.organisation)
    world.secretarys = browser_of(world.secretary)
    world.url = reverse("years:member_documents", args=[world.member.pk])
    return world


def form(kind="year_record", year=None, key=None):
    year = year or today().year
    return {"kind": kind, "year": year, "idempotency_key": str(key or uuid4())}


class TestIssuing:
    def test_a_member_issues_and_opens_his_own_and_it_is_no_look_of_others(self, world):
        reply = world.mine.post(world.url, form(), follow=True)
        document = IssuedDocument.objects.get()
        pdf = world.mine.get(reverse("years:document_file", args=[document.pk]))

        assert document.number in reply.text
        assert pdf.content.startswith(b"%PDF")
        assert f'filename="{document.number}.pdf"' in pdf.headers["Content-Disposition"]
        assert "no-store" in pdf.headers["Cache-Control"]
        assert [entry.act for entry in AuditEntry.objects.about(document)] == ["issue_document"]
        assert "Nobody else has looked" in world.mine.get(ACCESS_LOG).text

    def test_sent_twice_it_is_issued_once(self, world):
        body = form()
        replies = [world.mine.post(world.url, body) for _time in range(2)]

        assert [reply.status_code for reply in replies] == [302, 302]
        assert IssuedDocument.objects.count() == 1

    def test_a_key_with_another_body_is_a_conflict(self, world):
        key = uuid4()
        world.mine.post(world.url, form(key=key))

        assert world.mine.post(world.url, form("certificate", key=key)).status_code == 409

    def test_what_cannot_be_stated_is_said_at_the_form(self, world):
        url = reverse("years:member_documents", args=[world.other.pk])

        page = world.clerks.post(url, form("certificate"))

        assert page.status_code == 422
        assert "nothing to certify" in page.text

    @pytest.mark.parametrize("year", ["2018", "2999", "x", ""])
    def test_other_years_than_those_offered_are_refused(self, world, year):
        page = world.mine.post(world.url, form() | {"year": year})

        assert page.status_code == 422
        assert not IssuedDocument.objects.exists()

    def test_the_year_of_the_address_is_chosen_already(self, world):
        page = world.mine.get(world.url, {"year": today().year - 1})

        assert page.context["form"]["year"].initial == str(today().year - 1)

    def test_the_page_says_what_became_of_each(self, world):
        for _time in range(2):
            world.mine.post(world.url, form())

        page = world.mine.get(world.url)

        assert [document.state for document in page.context["page_obj"]] == ["valid", "replaced"]
        assert "Revoke" not in page.text

    def test_a_paper_that_was_exchanged_is_not_shown(self, world, monkeypatch):
        world.mine.post(world.url, form())
        monkeypatch.setattr("backstage.papers.read_file", lambda file: b"%PDF-other")
        url = reverse("years:document_file", args=[IssuedDocument.objects.get().pk])

        page = world.mine.get(url, follow=True)

        assert "not what was issued" in page.text


class TestRevoking:
    def test_by_a_clerk_after_a_check_page(self, world):
        world.clerks.post(world.url, form())
        document = IssuedDocument.objects.get()
        url = reverse("years:revoke_document", args=[document.pk])
        assert url in world.clerks.get(world.url).text
        body = {"reason": "姓名有误", "idempotency_key": str(uuid4())}

        checked = world.clerks.post(url, body | {"step": "check"})
        assert "valid no more" in checked.text
        assert "姓名有误" in checked.text
        assert not hasattr(IssuedDocument.objects.get(), "revocation")
        done = world.clerks.post(url, body | {"step": "do"}, follow=True)

        assert "The document is revoked." in done.text
        assert "姓名有误" in world.mine.get(world.url).text
        assert world.clerks.get(url).status_code == 302

    @pytest.mark.parametrize("reason", ["", "11010519491231002X"])
    def test_for_a_reason_in_which_no_id_number_stands(self, world, reason):
        world.clerks.post(world.url, form())
        url = reverse("years:revoke_document", args=[IssuedDocument.objects.get().pk])
        body = {"reason": reason, "idempotency_key": str(uuid4()), "step": "do"}

        assert world.clerks.post(url, body).status_code == 422

    def test_by_no_secretary(self, world):
        world.secretarys.post(world.url, form())
        url = reverse("years:revoke_document", args=[IssuedDocument.objects.get().pk])
        body = {"reason": "x", "idempotency_key": str(uuid4()), "step": "do"}

        assert world.secretarys.post(url, body).status_code == 403


class TestLookingUp:
    def test_a_secretary_finds_members_of_the_branch_alone(self, world):
        stranger = factories.make_member(factories.make_organisation(world.school, "第二党支部"))

        page = world.secretarys.get(SERVED)

        shown = {member.pk for member in page.context["page_obj"]}
        assert {member.pk for member in world.members} < shown
        assert stranger.pk not in shown
        for name in ("member_hours", "member_documents"):
            url = reverse(f"years:{name}", args=[stranger.pk])
            assert world.secretarys.get(url).status_code == 404, name

    @pytest.mark.parametrize("text", ["王", "wf"])
    def test_by_name_initials_or_number_and_never_by_an_id_number(self, world, text):
        elder = factories.make_member(world.organisation, "王芳")

        for typed in (text, elder.number):
            page = world.secretarys.get(SERVED, {"q": typed})
            assert [member.pk for member in page.context["page_obj"]] == [elder.pk]
        assert world.secretarys.get(SERVED, {"q": "11010519491231002X"}).url == SERVED

    def test_a_commissioner_opens_those_of_the_branches_right_below(self, world):
        community = factories.make_below(
            factories.make_top(), "general_branch", school=world.school
        )
        branch = factories.make_below(community)
        elder = factories.make_member(branch)
        commissioner = browser_of(person(Role.ORGANISATION_COMMISSIONER, community))

        url = reverse("years:member_hours", args=[elder.pk])
        assert commissioner.get(url).status_code == 200
        url = reverse("years:member_hours", args=[world.member.pk])
        assert commissioner.get(url).status_code == 404

    def test_the_hours_lead_a_secretary_to_documents_and_to_no_register_card(self, world):
        page = world.secretarys.get(reverse("years:member_hours", args=[world.member.pk])).text

        assert f'href="{world.url}?' in page
        assert f'href="{reverse("trainees:member", args=[world.member.pk])}"' not in page

    def test_the_member_sees_who_looked_at_what_and_in_which_role(self, world):
        hours = reverse("years:member_hours", args=[world.member.pk])
        world.secretarys.get(hours)
        world.clerks.get(reverse("trainees:member", args=[world.member.pk]))
        world.secretarys.get(world.url)
        world.secretarys.post(world.url, form())
        document = IssuedDocument.objects.get()
        world.secretarys.get(reverse("years:document_file", args=[document.pk]))

        accesses = world.mine.get(ACCESS_LOG).context["accesses"]

        accesses_shown = [
            (access.what, access.roles, access.detail) for access in reversed(accesses)
        ]
        of_document = f"{document.number} · year record"
        assert accesses_shown == [
            ("Looked up credit hours", "branch secretary", str(today().year)),
            ("Looked up the register card", "school clerk", ""),
            ("Looked up the documents", "branch secretary", ""),
            ("Issued a document", "branch secretary", of_document),
            ("Opened a document", "branch secretary", of_document),
        ]
        assert {access.who for access in accesses} == {
            world.secretary.display_name,
            world.clerk.display_name,
        }

    def test_what_concerns_others_is_not_told(self, world):
        world.clerks.get(reverse("years:member_hours", args=[world.other.pk]))
        other = world.issue(world.other, at=timezone.now())
        world.clerks.get(reverse("years:document_file", args=[other.pk]))

        assert world.mine.get(ACCESS_LOG).context["accesses"] == []


class TestThePublicCheck:
    def ask(self, code, name="张伟", client=None):
        stranger = client or Client()
        stranger.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        return stranger.post(CHECK, {"code": code, "name": name})

    def test_answers_number_year_kind_and_state_and_no_more(self, world):
        world.mine.post(world.url, form("certificate"))
        document = IssuedDocument.objects.get()

        page = self.ask(format_code(world.codes[0], OF_DOCUMENT).lower())

        assert page.status_code == 200
        assert "that is valid" in page.text
        assert document.number in page.text
        for private in (world.member.number, world.organisation.name, world.school.name):
            assert private not in page.text

    def test_answers_what_became_of_it_and_not_why(self, world):
        for _time in range(2):
            world.mine.post(world.url, form())
        newest = IssuedDocument.objects.first()
        body = {"reason": "姓名有误", "idempotency_key": str(uuid4()), "step": "do"}
        world.clerks.post(reverse("years:revoke_document", args=[newest.pk]), body)

        assert "was replaced" in self.ask(world.codes[0]).text
        revoked = self.ask(world.codes[1]).text
        assert "was revoked" in revoked
        assert "姓名有误" not in revoked

    def test_is_the_same_page_for_a_wrong_name_and_an_unknown_code(self, world):
        world.mine.post(world.url, form())

        def answer(code, name):
            page = self.ask(code, name).text
            return page[page.index("<section") : page.index("</section")]

        assert answer(world.codes[0], "李芳") == answer(UNKNOWN, "张伟")

    def test_of_what_no_paper_shows_says_how_a_code_looks_and_counts_no_try(self, world):
        for _try in range(TRIES_PER_ADDRESS + 1):
            page = self.ask("ACDE")

        assert page.status_code == 422
        assert "XXXX-XXXX-XXXX-XXXX" in page.text

    def test_too_many_guesses_are_told_to_wait(self, world):
        for _try in range(TRIES_PER_ADDRESS):
            assert self.ask(UNKNOWN).status_code == 200

        page = self.ask(UNKNOWN)

        assert page.status_code == 429
        assert page.headers["Retry-After"] == "600"
        assert "Wait 10 minutes" in page.text

    def test_guesses_from_one_network_of_ipv6_wait_together(self, world):
        browser, typed = Client(), {"code": UNKNOWN, "name": "张伟"}

        answers = [
            browser.post(CHECK, typed, REMOTE_ADDR=f"2001:db8::{host}").status_code
            for host in range(1, TRIES_PER_ADDRESS + 2)
        ]

        assert answers == [200] * TRIES_PER_ADDRESS + [429]

    def test_answers_nothing_to_get_and_is_in_no_index(self, world):
        world.mine.post(world.url, form())

        page = Client().get(CHECK, {"code": world.codes[0], "name": "张伟"})

        assert not page.context["asked"]
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in page.headers["Cache-Control"]
