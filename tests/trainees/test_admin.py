"""The register in the administration: members and their dated facts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.enums import Role
from accounts.models import AuditEntry
from accounts.records import RecordError
from config.lib.encryption import decrypt, fingerprint
from config.lib.periods import period, today
from tests import factories
from tests.admin_pages import (
    add,
    change,
    change_url,
    errors_of,
    form_of,
    make_officer,
    page_url,
    signed_in,
)
from tests.refusals import refused
from trainees.models import Exemption, Member, Membership, Post
from trainees.records import save_member

ID_NUMBER = "11010519491231002X"


@pytest.fixture
def client(db):
    browser = signed_in(make_officer(Role.ORGANISATION_DEPARTMENT))
    browser.cookies["language"] = "en"
    return browser


@pytest.fixture
def academic(db):
    return signed_in(make_officer(Role.DISTRICT_SCHOOL))


@pytest.fixture
def organisation(db):
    return factories.make_organisation(factories.make_school())


def register(client, **typed):
    person = {
        "number": "00990001",
        "name": "欧阳 娜•木",
        "sex": "f",
        "birth_date": "1949-12-31",
        "joined_on": "1975-07-01",
        "resident_id": ID_NUMBER.lower(),
    }
    return add(client, Member, **{**person, **typed})


class TestMembers:
    def test_a_new_members_number_is_sealed_and_found_by_its_fingerprint(self, client):
        assert errors_of(register(client)) == ""

        member = Member.objects.get(number="00990001")
        assert decrypt(member.resident_id_encrypted) == ID_NUMBER
        assert member.resident_id_fingerprint == fingerprint(ID_NUMBER)
        assert member.name == "欧阳娜·木"
        assert member.name_initials

    def test_the_trail_keeps_it_masked(self, client):
        register(client, phone="13812345678")

        after = AuditEntry.objects.get(act="add_record").after
        assert after["resident_id"] == "110*************2X"
        assert after["phone"] == "138****5678"
        assert after["birth_date"] == "1949-**-**"
        assert not {"resident_id_encrypted", "resident_id_fingerprint"} & set(after)

    def test_no_page_shows_it_again(self, client):
        register(client)
        member = Member.objects.get(number="00990001")

        form_page = client.get(change_url(member))
        listed = client.get(page_url(Member, "changelist"))

        assert "resident_id" not in form_of(form_page).fields
        assert "110*************2X" in form_page.content.decode()
        for page in (form_page, listed):
            assert ID_NUMBER not in page.content.decode()
            assert member.resident_id_fingerprint not in page.content.decode()

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"resident_id": "110105194912310021"}, "resident_id"),
            ({"resident_id": ""}, "resident_id"),
            ({"birth_date": "1950-01-01"}, "birth_date"),
            ({"name": ID_NUMBER}, "name"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, client, typed, field):
        assert field in form_of(register(client, **typed)).errors
        assert not Member.objects.exists()

    def test_two_members_never_share_one_number(self, client):
        register(client)

        response = register(client, number="00990002")

        assert "resident_id" in form_of(response).errors

    def test_nor_past_the_form(self, client):
        register(client)
        twin = Member(number="2", name="张", sex="f", birth_date=date(1949, 12, 31))

        with refused(RecordError):
            save_member(
                obj=twin,
                by=factories.acting(factories.make_user()),
                fields=[],
                resident_id=ID_NUMBER,
            )

    def test_a_new_name_takes_its_pinyin_along(self, client, organisation):
        member = factories.make_member(organisation)

        assert errors_of(change(client, member, name="李雷")) == ""

        member.refresh_from_db()
        assert (member.name, member.name_initials) == ("李雷", "ll")

    def test_who_only_reads_sees_phones_masked(self, academic, organisation):
        member = factories.make_member(organisation, phone="13812345678")

        page = academic.get(change_url(member)).content.decode()

        assert "138****5678" in page
        assert "13812345678" not in page

    @pytest.mark.parametrize("term", ["张伟", "zw", "{number}"])
    def test_search_finds_by_name_initials_or_number(self, client, organisation, term):
        member = factories.make_member(organisation, "张伟")
        factories.make_member(organisation, "李芳")

        query = {"q": term.format(number=member.number)}
        listed = client.get(page_url(Member, "changelist"), query).context["cl"].result_list

        assert list(listed) == [member]

    def test_the_list_narrows_to_the_members_of_one_school(self, client, organisation):
        member = factories.make_member(organisation)
        other = factories.make_school("120111005", "津门湖街道")
        factories.make_member(factories.make_organisation(other))

        url = page_url(Member, "changelist")
        school = organisation.placements.get().township.areas.get().school
        listed = client.get(url, {"school": school.pk}).context["cl"].result_list

        assert list(listed) == [member]

    def test_members_are_never_deleted(self, client, organisation):
        member = factories.make_member(organisation)

        response = client.post(page_url(Member, "delete", member.pk), {"post": "yes"})

        assert response.status_code == 403


class TestDatedFacts:
    def test_a_transfer_ends_one_membership_and_begins_another(self, client, organisation):
        member = factories.make_member(organisation)
        old = member.memberships.get()
        new_home = factories.make_organisation(factories.make_school("120111005", "津门湖街道"))
        typed = {"member": member.number, "organisation": new_home.code, "standing": "normal"}

        year = today().year

        too_early = add(client, Membership, **typed, period=(f"{year}-02-01", ""))
        assert errors_of(too_early)

        assert errors_of(change(client, old, period=("2019-01-01", f"{year}-01-31"))) == ""
        assert errors_of(add(client, Membership, **typed, period=(f"{year}-02-01", ""))) == ""
        old.refresh_from_db()
        assert old.period == period(factories.START, date(year, 2, 1))
        assert member.memberships.count() == 2

    @pytest.mark.parametrize("model", [Membership, Post])
    def test_past_years_are_settled(self, client, organisation, model):
        leader = factories.make_leader(organisation)
        row = model.objects.get(member=leader)
        typed = {"member": leader.number, "organisation": organisation.code}
        typed |= {"standing": "normal"} if model is Membership else {"kind": row.kind}
        past = today().year - 1

        closed = change(client, row, period=("2019-01-01", f"{past}-12-30"))
        added = add(client, model, **typed, period=("2018-01-01", "2018-12-31"))

        assert "period" in form_of(closed).errors
        assert "period" in form_of(added).errors
        assert errors_of(change(client, row, period=("2019-01-01", f"{past}-12-31"))) == ""
        over = form_of(change(client, row, period=("2019-01-01", f"{past}-12-30")))
        assert "period" in over.errors

    def test_what_a_stored_row_says_is_settled(self, client, organisation):
        post = factories.make_leader(organisation).posts.get()

        assert set(form_of(client.get(change_url(post))).fields) == {"period", "seen"}

    def test_a_slip_goes_on_the_day_it_was_recorded_and_not_later(self, client, organisation):
        member = factories.make_member(organisation)
        days = period(date(today().year, 1, 1))
        slip = Exemption.objects.create(member=member, category="elderly", period=days)
        slip_url = page_url(Exemption, "delete", slip.pk)
        old = factories.make_leader(organisation).posts.get()
        Post.objects.filter(pk=old.pk).update(recorded_at=timezone.now() - timedelta(days=2))

        assert client.post(slip_url, {"post": "yes"}).status_code == 302
        assert not Exemption.objects.exists()
        assert AuditEntry.objects.get(act="delete_record").before["category"] == "elderly"
        old_url = page_url(Post, "delete", old.pk)
        assert client.post(old_url, {"post": "yes"}).status_code == 403

    @pytest.mark.parametrize("model", [Membership, Post])
    def test_but_not_if_it_begins_in_a_past_year(self, client, organisation, model):
        """Verdicts of that year rest on it, whenever it was typed."""
        row = model.objects.get(member=factories.make_leader(organisation))
        url = page_url(model, "delete", row.pk)

        answer = client.post(url, {"post": "yes"}, follow=True)

        assert model.objects.filter(pk=row.pk).exists()
        assert answer.redirect_chain == [(change_url(row), 302)]
        [message] = [str(message) for message in answer.context["messages"]]
        assert "are settled" in message
        first = date(today().year, 1, 1)
        model.objects.filter(pk=row.pk).update(period=period(first))
        assert client.post(url, {"post": "yes"}).status_code == 302
        assert not model.objects.filter(pk=row.pk).exists()


def test_an_exemption_does_not_begin_in_a_past_year(client, organisation):
    member = factories.make_member(organisation)
    typed = {"member": member.number, "category": "frail"}

    refused = add(client, Exemption, **typed, period=(f"{today().year - 1}-12-31", ""))
    assert "period" in form_of(refused).errors
    assert errors_of(add(client, Exemption, **typed, period=(f"{today().year}-01-01", ""))) == ""
