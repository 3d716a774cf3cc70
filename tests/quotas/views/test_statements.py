"""Pages of statements: signing and countersigning with check pages, files, and what follows."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounts.enums import Role
from accounts.models import AuditEntry, User
from backstage.papers import hash_paper
from quotas.actions.closing import LaterFact, note_adjustment, take_adjustment_back
from quotas.models import StatementSignature, YearAdjustment, YearReopening, YearStatement
from quotas.queries.statement_tasks import countersigning_tasks
from quotas.queries.statements import schools_to_sign
from quotas.statements import format_figure, list_figures
from schools.queries.open_years import is_open
from tests.admin_pages import make_officer, signed_in
from tests.browsers import browser_of
from tests.factories import grant
from tests.quotas.actions.test_closing import LATER, Closed
from tests.quotas.actions.test_reconciliations import AFTER, YEAR
from tests.quotas.actions.test_statements import Signing
from tests.years.test_exports import export
from years.actions.document_check import check_document


def confirm(client, address: str, **data: str):
    """Fill the form in, read its check page, and confirm; returns the check page and the answer."""
    page = client.get(address)
    assert page.status_code == 200, page.status_code
    key = str(page.context["form"]["idempotency_key"].value())
    sent = data | {"idempotency_key": key}
    check = client.post(address, sent)
    return check, client.post(address, sent | {"step": "do"})


def _contents() -> set[Path]:
    """All stored content of files."""
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


@pytest.fixture
def world(db) -> Signing:
    return Signing()


class TestSigning:
    def test_goes_from_the_page_of_the_year_to_the_statement(self, world):
        run = world.reconcile()
        year = f"{reverse('quotas:reconciliations')}?year={YEAR}"
        leader = signed_in(world.leaders[world.school.pk])
        address = reverse("quotas:sign_results", args=[run.pk, world.school.pk])
        assert address in leader.get(year).text
        other = reverse("quotas:sign_results", args=[run.pk, world.other.pk])
        assert other not in leader.get(year).text

        check, answer = confirm(leader, address)
        assert "党员：4" in check.text
        assert answer.url == year
        signature = StatementSignature.objects.get()
        office = signed_in(world.office.user)
        address = reverse("quotas:countersign", args=[signature.pk])
        assert address in office.get(year).text
        _check, answer = confirm(office, address)

        statement = YearStatement.objects.get()
        assert answer.url == reverse("quotas:statement", args=[statement.pk])
        assert statement.number in leader.get(year).text
        assert signed_in(world.leaders[world.other.pk]).get(answer.url).status_code == 404

    def test_makes_no_files_for_its_check_page(self, world):
        signature = world.sign(world.reconcile(), world.school)
        office = signed_in(world.office.user)
        address = reverse("quotas:countersign", args=[signature.pk])
        key = str(office.get(address).context["form"]["idempotency_key"].value())
        before = _contents()

        check = office.post(address, {"idempotency_key": key})

        assert "会签" in check.text
        assert _contents() == before
        office.post(address, {"idempotency_key": key, "step": "do"})
        assert len(_contents()) == len(before) + 2

    def test_is_offered_to_those_who_may_alone(self, world):
        run = world.reconcile()
        world.sign(run, world.school)
        year = f"{reverse('quotas:reconciliations')}?year={YEAR}"
        clerk, in_it = (make_officer(Role.ORGANISATION_DEPARTMENT) for _ in range(2))
        grant(clerk, Role.SCHOOL_CLERK, world.school)
        world.member.user = in_it
        world.member.save()
        signer = world.leaders[world.school.pk]
        grant(signer, Role.ORGANISATION_DEPARTMENT)

        def offers(user: User) -> tuple[bool, int]:
            lines = signed_in(user).get(year).context["close"].lines
            may = any(line.may_countersign for line in lines)
            return may, len(countersigning_tasks(user, AFTER))

        offered = {user.pk: offers(user) for user in (world.office.user, clerk, in_it, signer)}

        assert offered == {
            world.office.user.pk: (True, 1),
            clerk.pk: (False, 0),
            in_it.pk: (False, 0),
            signer.pk: (False, 0),
        }

    def test_says_why_it_is_refused(self, world):
        run = world.reconcile()
        world.sign(run, world.school)
        leader = signed_in(world.leaders[world.school.pk])
        address = reverse("quotas:sign_results", args=[run.pk, world.school.pk])
        check, _answer = confirm(leader, address)

        assert "已签署" in check.text
        assert StatementSignature.objects.count() == 1


class TestTheStatement:
    def test_has_the_figures_of_its_files(self, world):
        statement = world.countersign(world.sign(world.reconcile(), world.school))
        leader = signed_in(world.leaders[world.school.pk])
        page = leader.get(reverse("quotas:statement", args=[statement.pk]))
        pdf = leader.get(reverse("quotas:statement_pdf", args=[statement.pk]))
        xlsx = leader.get(reverse("quotas:statement_xlsx", args=[statement.pk]))

        assert hash_paper(pdf.content) == statement.pdf_hash
        assert statement.pdf_hash in page.text
        sheet = CalamineWorkbook.from_filelike(BytesIO(xlsx.content)).get_sheet_by_index(0)
        rows = sheet.to_python()[-len(page.context["rows"]) :]
        for (name, shown), row in zip(page.context["rows"], rows, strict=True):
            assert name == row[0]
            assert [float(figure.replace(",", "")) for figure in shown] == row[1:]
            assert all(f"<div>{figure}</div>" in page.text for figure in shown)
        assert page.context["rows"][-1][1] == [
            format_figure(figure) for figure in list_figures(statement.facts)[-1][1]
        ]
        opened = AuditEntry.objects.filter(act="open_statement")
        assert opened.count() == 2
        assert {entry.school_code for entry in opened} == {world.school.code}

    def test_is_answered_for_by_the_public_check(self, world, monkeypatch):
        monkeypatch.setattr("quotas.actions.statements.draw_code", lambda _shape: "A" * 16)
        statement = world.countersign(world.sign(world.reconcile(), world.school))
        asked = {"code": "A" * 16, "address": "10.0.0.1", "at": AFTER}

        assert check_document(**asked, name=world.other.name) is None
        found = check_document(**asked, name=world.school.name)
        assert (found, found.state) == (statement, "valid")
        page = signed_in(world.office.user).post(
            reverse("years:check_document"), {"code": "A" * 16, "name": world.school.name}
        )
        assert statement.number in page.text
        assert "年度对账单" in page.text


class TestAfterTheClose:
    @pytest.fixture
    def world(self, db) -> Closed:
        return Closed()

    def test_a_year_is_opened_again_by_two_officers(self, world):
        first, second = signed_in(world.office.user), signed_in(world.second_officer.user)
        confirm(first, f"{reverse('quotas:ask_reopening')}?year={YEAR}", reason="漏了一次课")
        asked = YearReopening.objects.get()
        assert not is_open(YEAR, LATER.date())
        grant = reverse("quotas:grant_reopening", args=[asked.pk])
        check, _answer = confirm(first, grant)
        assert "另一人" in check.text

        assert grant not in first.get(f"{reverse('quotas:reconciliations')}?year={YEAR}").text
        assert grant in second.get(f"{reverse('quotas:reconciliations')}?year={YEAR}").text
        confirm(second, grant)

        assert is_open(YEAR, LATER.date())
        page = first.get(f"{reverse('quotas:reconciliations')}?year={YEAR}")
        assert reverse("quotas:begin_reconciliation") in page.text
        assert "已同意" in page.text

    def test_a_request_is_withdrawn_by_who_asked(self, world):
        asked = world.ask()
        address = reverse("quotas:withdraw_reopening", args=[asked.pk])
        page = reverse("quotas:reconciliations")
        mine, theirs = signed_in(world.office.user), signed_in(world.second_officer.user)
        assert address in mine.get(page, {"year": YEAR}).text
        assert address not in theirs.get(page, {"year": YEAR}).text
        assert theirs.get(address).status_code == 403

        _check, answer = confirm(mine, address)

        assert answer.status_code == 302
        text = mine.get(page, {"year": YEAR}).text
        assert address not in text
        assert reverse("quotas:ask_reopening") in text

    def test_the_next_revision_links_to_what_differs(self, world):
        world.reopen()
        again = world.reconcile()
        statement = world.countersign(world.sign(again, world.school))
        office = signed_in(world.office.user)
        page = office.get(reverse("quotas:statement", args=[statement.pk]))

        assert page.context["before"].revision == 1
        assert f"run={again.pk}&beside={world.first.pk}" in page.context["differences"]
        assert office.get(page.context["differences"]).status_code == 200

    def test_a_refusal_says_why(self, world):
        asked = world.ask()
        second = signed_in(world.second_officer.user)
        refuse = reverse("quotas:refuse_reopening", args=[asked.pk])
        confirm(second, refuse, reason="登记为事后事项即可")

        asked.refresh_from_db()
        assert (asked.state, asked.words) == ("refused", "登记为事后事项即可")

    def test_a_later_fact_stands_beside_the_statement_and_is_taken_back(self, world):
        office = signed_in(world.office.user)
        fact = {
            "number": world.member.number,
            "hours": "4",
            "words": "补到一份签到表",
            "reason": "结账后才找到",
            "evidence": "校办档案",
        }
        confirm(office, f"{reverse('quotas:note_adjustment')}?year={YEAR}", **fact)
        row = YearAdjustment.objects.get()
        [statement] = [one for one in world.statements if one.facts["name"] == world.school.name]
        address = reverse("quotas:statement", args=[statement.pk])
        assert "补到一份签到表" in office.get(address).text

        take_back = reverse("quotas:take_adjustment_back", args=[row.pk])
        confirm(office, take_back, reason="与原件不符")
        assert "与原件不符" in office.get(address).text

    def test_statements_and_later_facts_are_files_of_what_the_page_shows(self, world):
        fact = LaterFact(
            *("补到一份签到表", "结账后才找到", "校办档案"), None, world.member.pk, Decimal(4)
        )
        noted = note_adjustment(year=YEAR, fact=fact, by=world.office, at=LATER)
        take_adjustment_back(adjustment_id=noted.pk, reason="与原件不符", by=world.office, at=LATER)
        office = browser_of(world.office.user)
        other = browser_of(world.leaders[world.other.pk])
        page = office.get(f"{reverse('quotas:reconciliations')}?year={YEAR}").text
        for name in ("year-statements", "year-adjustments"):
            assert f'action="{reverse("backstage:export", args=[name])}"' in page

        header, *rows = export(office, "year-statements", year=YEAR)
        lines = {
            line["Statement of"]: line
            for line in (dict(zip(header, row, strict=True)) for row in rows)
        }
        assert set(lines) == {world.school.name, world.other.name}
        for statement in world.statements:
            line, sums = lines[statement.facts["name"]], statement.facts["sums"]
            assert (line["Number"], line["SHA-256 of the XLSX"]) == (
                statement.number,
                statement.sheet_hash,
            )
            assert line["Members"] == sums["members"]
            assert line["Hours done"] == float(sums["done"])
        assert len(export(other, "year-statements", year=YEAR)) == 2
        assert len(export(office, "year-statements", year=YEAR - 1)) == 1

        header, *rows = export(office, "year-adjustments", year=YEAR)
        found = [dict(zip(header, row, strict=True)) for row in rows]
        assert [line["Taken back"] for line in found] == ["takes another one back", "taken back"]
        assert [line["Credit hours"] for line in found] == [-4, 4]
        assert {line["Member number"] for line in found} == {world.member.number}
        assert len(export(other, "year-adjustments", year=YEAR)) == 1

    def test_an_unknown_number_is_named_at_its_field(self, world):
        office = signed_in(make_officer(Role.ORGANISATION_DEPARTMENT))
        fact = {"number": "404", "words": "补", "reason": "补", "evidence": "补"}
        address = f"{reverse('quotas:note_adjustment')}?year={YEAR}"
        key = str(office.get(address).context["form"]["idempotency_key"].value())
        page = office.post(address, fact | {"idempotency_key": key})
        assert page.context["form"].errors["number"]

    def test_nothing_is_left_to_sign_but_the_district(self, world):
        assert [line.pk for line in schools_to_sign(world.first)] == [
            world.school.pk,
            world.other.pk,
        ]
        academic = signed_in(make_officer(Role.DISTRICT_SCHOOL))
        page = academic.get(f"{reverse('quotas:reconciliations')}?year={YEAR}")
        assert reverse("quotas:sign_district", args=[world.first.pk]) in page.text


class TestHome:
    def test_names_what_waits_for_each(self, world):
        run = world.reconcile()
        leader, office = signed_in(world.leaders[world.school.pk]), signed_in(world.office.user)
        sign, countersign = f"查看并签署{world.school.name}", "会签 1 份"
        assert sign in leader.get("/").text
        assert countersign not in office.get("/").text

        world.sign(run, world.school)
        assert sign not in leader.get("/").text
        assert countersign in office.get("/").text

        world.countersign(StatementSignature.objects.get())
        assert countersign not in office.get("/").text
        academic = signed_in(make_officer(Role.DISTRICT_SCHOOL))
        assert "签署全区" not in academic.get("/").text
        world.countersign(world.sign(run, world.other))
        assert "签署全区" in academic.get("/").text

    def test_asks_the_other_officer_about_a_reopening(self, db):
        world = Closed()
        world.ask()
        asked = f"答复是否重新开放 {YEAR} 年度"
        assert asked in signed_in(world.second_officer.user).get("/").text
        assert asked not in signed_in(world.office.user).get("/").text
