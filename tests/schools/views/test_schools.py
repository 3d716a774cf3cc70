"""The pages of schools: what is entered is checked, shown once more, and done once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape

from accounts.enums import Role
from accounts.models import AuditEntry
from classes.models import Roll
from config.lib.periods import period, today
from hours.actions.disputes import report_missing
from schools.models import GuidanceNote, School, SchoolArea, SchoolOfficer, Township
from tests import factories
from tests.admin_pages import filled, signed_in
from tests.factories import START


@pytest.fixture(autouse=True)
def _english():
    """The words of a refusal, whatever the catalogue holds."""
    with translation.override("en"):
        yield


@pytest.fixture
def school(db) -> School:
    return factories.make_school()


def browser(role: Role, school: School | None = None, **fields: Any) -> Client:
    user = factories.make_user(**fields)
    factories.grant(user, role, school)
    client = signed_in(user)
    client.cookies["language"] = "en"
    return client


@pytest.fixture
def office(db) -> Client:
    return browser(Role.ORGANISATION_DEPARTMENT)


def send(client: Client, url: str, step: str | None = None, **typed: Any):
    """Open a form and send it with what was typed, as a browser would."""
    data = filled(client.get(url).context["form"], **typed)
    return client.post(url, data | ({"step": step} if step else {}))


def errors_of(response) -> str:
    return " ".join(
        text for messages in response.context["form"].errors.values() for text in messages
    )


class TestContact:
    def url(self, school: School) -> str:
        return reverse("schools:contact", args=[school.pk])

    def test_two_edits_clash_and_the_second_decides_knowing_both(self, office, school):
        colleague = browser(Role.ORGANISATION_DEPARTMENT, display_name="王芳")
        url = self.url(school)
        opened = filled(office.get(url).context["form"])
        assert send(colleague, url, signature="湖畔讲堂").status_code == 302

        response = office.post(url, opened | {"signature": "红色大讲堂"})

        assert response.status_code == 422
        assert "王芳" in errors_of(response)
        assert "湖畔讲堂" in errors_of(response)
        school.refresh_from_db()
        assert school.signature == "湖畔讲堂"
        again = filled(response.context["form"])
        assert again["signature"] == "红色大讲堂"
        assert office.post(url, again).status_code == 302
        school.refresh_from_db()
        assert school.signature == "红色大讲堂"

    def test_a_post_that_never_saw_the_form_changes_nothing(self, office, school):
        response = office.post(self.url(school), {"name": "别的", "signature": ""})

        assert response.status_code == 422
        school.refresh_from_db()
        assert school.name == "杨柳青镇党校"

    def test_the_clerk_keeps_the_contact_and_not_the_name(self, school):
        clerk = browser(Role.SCHOOL_CLERK, school)

        assert send(clerk, self.url(school), telephone="022-27391234").status_code == 302

        assert "name" not in clerk.get(self.url(school)).context["form"].fields
        entry = AuditEntry.objects.get(act="change_record")
        assert (entry.object_type, entry.school_code) == ("schools.school", school.code)

    def test_says_that_it_was_saved(self, office, school):
        send(office, self.url(school), signature="湖畔讲堂")

        assert "What you entered is saved" in office.get(f"/schools/{school.pk}/").text

    def test_a_telephone_is_digits(self, office, school):
        assert "Digits" in errors_of(send(office, self.url(school), telephone="no phone"))

    def test_a_telephone_has_its_extension_in_the_readers_words(self, office, school):
        typed = "022-8391 0000 转 8"
        assert send(office, self.url(school), telephone=typed).status_code == 302

        school.refresh_from_db()
        assert school.telephone == "022-8391 0000-8"
        assert "022-8391 0000 ext. 8" in office.get(f"/schools/{school.pk}/").text
        assert office.get(self.url(school)).context["form"]["telephone"].value() == (
            "022-8391 0000 ext. 8"
        )
        office.cookies["language"] = "zh-hans"
        assert typed in office.get(f"/schools/{school.pk}/").text


class TestFounding:
    @pytest.fixture
    def north(self, school) -> Township:
        township = Township.objects.create(code="120111004", name="赤龙北街道")
        SchoolArea.objects.create(school=school, township=township, period=period(START))
        return township

    def typed(self, north: Township) -> dict[str, Any]:
        return {
            "name": "赤龙北街道党校",
            "code": north.code,
            "townships": [north.pk],
            "on": today().isoformat(),
        }

    def test_shows_what_will_happen_and_changes_nothing_yet(self, office, school, north):
        page = send(office, reverse("schools:open"), **self.typed(north))

        assert page.status_code == 200
        text = page.content.decode()
        assert "赤龙北街道 leaves 杨柳青镇党校" in text
        assert "Nothing is changed yet" in text
        assert School.objects.count() == 1
        assert not AuditEntry.objects.filter(act="open_school").exists()

    def test_is_done_once_by_its_button(self, office, school, north):
        url = reverse("schools:open")
        data = filled(office.get(url).context["form"], **self.typed(north)) | {"step": "do"}

        replies = [office.post(url, data) for _ in range(2)]

        assert [(reply.status_code, reply.url) for reply in replies] == [
            (302, reverse("schools:schools"))
        ] * 2
        assert School.objects.count() == 2
        assert AuditEntry.objects.filter(act="open_school").count() == 1
        other = office.post(url, data | {"name": "另一所党校"})
        assert other.status_code == 409

    def test_goes_back_to_the_form_with_all_that_was_typed(self, office, north):
        page = send(office, reverse("schools:open"), step="edit", **self.typed(north))

        assert page.context["form"]["name"].value() == "赤龙北街道党校"
        assert not page.context["form"].errors

    def test_says_at_the_field_what_is_refused(self, office, school, north):
        typed = self.typed(north) | {"code": school.code}

        page = send(office, reverse("schools:open"), **typed)

        assert page.status_code == 422
        assert page.context["form"].errors["code"]


class TestMerging:
    def test_says_who_loses_a_role_and_what_is_to_be_settled(self, office, school):
        other = factories.make_school("120111005", "津门湖街道")
        factories.make_clerk(other, display_name="李芳")
        url = reverse("schools:merge", args=[other.pk])

        page = send(office, url, into=school.pk, on=today().isoformat())
        assert "李芳" in page.content.decode()

        factories.make_session(factories.make_class(other))
        page = send(office, url, into=school.pk, on=today().isoformat())
        assert page.status_code == 422
        [blocker] = page.context["blockers"]
        assert "is not submitted" in blocker.text
        assert f'<a href="{escape(blocker.address)}">' in page.content.decode()

    def test_what_is_to_be_settled_leads_to_just_these_sessions(self, office, school):
        other = factories.make_school("120111005", "津门湖街道")
        training_class = factories.make_class(other)
        now = timezone.now()
        days = [now - timedelta(days=2), now - timedelta(days=1), now + timedelta(days=1)]
        submitted, yesterday, tomorrow = (
            factories.make_session(training_class, starts_at=day) for day in days
        )
        Roll.objects.create(
            session=submitted,
            state="submitted",
            submitted_at=now,
            submitted_by=factories.make_user(),
            source=factories.make_source(),
        )
        url = reverse("schools:merge", args=[other.pk])

        page = send(office, url, into=school.pk, on=today().isoformat())

        running, roll = page.context["blockers"]
        assert set(office.get(running.address).context["page_obj"]) == {
            *(submitted, yesterday, tomorrow)
        }
        assert roll.address == reverse("rolls:roll", args=[yesterday.pk])

    def test_says_what_passes_over_and_which_roles_end_later(self, office, school):
        other = factories.make_school("120111005", "津门湖街道")
        ahead = factories.make_class(other)
        for n in (1, 2):
            factories.make_session(ahead, starts_at=timezone.now() + timedelta(days=n))
        coming = period(today() + timedelta(days=30))
        user = factories.make_user(display_name="李芳")
        factories.grant(user, Role.SCHOOL_CLERK, other, period=coming)
        url = reverse("schools:merge", args=[other.pk])

        text = send(office, url, into=school.pk, on=today().isoformat()).text

        assert f"1 class that has not begun passes to {school} with its sessions (2)" in text
        assert "李芳" in text
        assert "No role" not in text

    def test_of_a_school_founded_today_is_an_error_at_the_date(self, office, school):
        other = factories.make_school("120111005", "津门湖街道")
        School.objects.filter(pk=other.pk).update(period=period(today()))
        SchoolArea.objects.filter(school=other).update(period=period(today()))
        url = reverse("schools:merge", args=[other.pk])

        page = send(office, url, into=school.pk, on=today().isoformat())

        assert page.status_code == 422
        assert page.context["form"].errors["on"]

    def test_leads_from_each_school_to_the_other(self, office, school):
        other = factories.make_school("120111005", "津门湖街道")
        url = reverse("schools:merge", args=[other.pk])
        send(office, url, step="do", into=school.pk, on=today().isoformat())

        former, successor = (
            office.get(reverse("courses:school", args=[merged.pk])).content.decode()
            for merged in (other, school)
        )

        assert f'goes over into <a href="/schools/{school.pk}/">{school}</a>; what was' in former
        assert f'takes up <a href="/schools/{other.pk}/">{other}</a> on' in successor

    def test_waits_for_the_answers_that_members_are_owed(self, office, school):
        other = factories.make_school("120111005", "津门湖街道")
        branch = factories.make_organisation(other)
        member = factories.make_member(branch, user=factories.make_user())
        report_missing(
            occurred_on=today(),
            missing="主题党日",
            text="我参加了",
            by=factories.acting(member.user),
            at=timezone.now(),
        )
        url = reverse("schools:merge", args=[other.pk])
        page = send(office, url, into=school.pk, on=today().isoformat())

        [blocker] = page.context["blockers"]
        assert "1 dispute is not answered" in blocker.text
        listed = office.get(blocker.address).context["page_obj"]
        assert [dispute.member for dispute in listed] == [member]

    def test_leaves_nothing_to_keep_at_the_school_that_went(self, office, school):
        other = factories.make_school("120111005", "津门湖街道")
        page = reverse("courses:school", args=[other.pk])
        kept = [reverse(name, args=[other.pk]) for name in ("schools:contact", "courses:venue_add")]
        assert all(url in office.get(page).text for url in kept)

        url = reverse("schools:merge", args=[other.pk])
        send(office, url, step="do", into=school.pk, on=today().isoformat())

        assert not any(url in office.get(page).text for url in kept)


class TestOfficersAndNotes:
    def test_an_officer_is_recorded_and_shown(self, office, school):
        url = reverse("schools:officer", args=[school.pk])
        typed = {"office": "first_responsible", "name": "王芳", "on": "2026-01-01"}

        checked = send(office, url, **typed).content.decode()
        assert "王芳" in checked
        assert "leaves it the day before" not in checked
        assert send(office, url, step="do", **typed).status_code == 302
        follows = {**typed, "name": "李娜", "on": "2026-02-01"}
        assert "leaves it the day before" in send(office, url, **follows).content.decode()

        assert SchoolOfficer.objects.get().period == period(date(2026, 1, 1))
        page = office.get(reverse("courses:school", args=[school.pk])).content.decode()
        assert "王芳" in page

    def test_a_note_is_read_by_the_school_and_holds_no_id_number(self, school):
        liaison = browser(Role.LIAISON_OFFICER, school)
        url = reverse("schools:note", args=[school.pk])
        typed = {"topic": "教学计划", "text": "身份证 11010519491231002X"}

        assert "ID number" in errors_of(send(liaison, url, **typed))
        assert send(liaison, url, step="do", topic="教学计划", text="比例合理").status_code == 302

        leader = browser(Role.SCHOOL_LEADER, school)
        page = leader.get(reverse("courses:school", args=[school.pk])).content.decode()
        assert "比例合理" in page

    def test_a_correction_starts_from_the_note_and_stays_beside_it(self, school):
        liaison = browser(Role.LIAISON_OFFICER, school)
        url = reverse("schools:note", args=[school.pk])
        send(liaison, url, step="do", topic="教学计划", text="比例合理")
        first = GuidanceNote.objects.get()

        address = f"{url}?corrects={first.pk}"
        assert liaison.get(address).context["form"]["text"].value() == "比例合理"
        assert send(liaison, address, step="do", text="略少").status_code == 302

        assert GuidanceNote.objects.get(text="略少").corrects == first
        assert liaison.get(f"{url}?corrects=9999").status_code == 404
        assert liaison.get(f"{url}?corrects=x").status_code == 404


class TestSight:
    def test_a_school_role_sees_its_own_school_alone(self, school):
        other = factories.make_school("120111005", "津门湖街道")
        client = browser(Role.SCHOOL_CLERK, school)

        page = client.get(reverse("schools:schools")).content.decode()

        assert school.name in page
        assert other.name not in page

    def test_an_office_that_ended_sees_nothing(self, school):
        client = browser(Role.SCHOOL_CLERK, school)
        school.role_grants.update(period=period(START, today()))

        assert client.get(reverse("schools:schools")).status_code == 403
