"""Statements of a year: two people, frozen figures, files and seal, and what closes the year."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounts.chain.sealing import seal_acts
from accounts.enums import Role
from accounts.models import AuditEntry, Seal, User
from backstage.files import content_path
from backstage.papers import hash_paper
from config.lib.database_roles import as_owner, has_two_roles
from config.lib.encryption import encrypt_bytes
from config.lib.periods import period
from hours.models import CreditEntry
from hours.queries.ledger_check import list_findings
from quotas.actions.reconciliations import discard_reconciliation, finish_reconciliation
from quotas.actions.statements import (
    Issuing,
    countersign_statement,
    open_statement,
    sign_results,
)
from quotas.errors import ReconciliationError, StatementError
from quotas.models import Reconciliation, StatementSignature, YearStatement
from quotas.queries.results import sum_all, sum_results
from quotas.queries.statements import find_closed, schools_to_sign
from quotas.statements import format_figure, is_intact, list_figures
from schools.models import Organisation, School
from tests import factories
from tests.admin_pages import make_officer
from tests.evidence import clerk_of
from tests.factories import acting, grant, make_user
from tests.pdf_text import read_lines
from tests.quotas.actions.test_reconciliations import AFTER, YEAR, Network
from tests.refusals import refused
from tests.told import addresses, told

CHECK = "https://portal.example/check/"


class Signing(Network):
    """The network with its leaders, after the final reconciliation."""

    def __init__(self) -> None:
        super().__init__()
        self.leaders: dict[int, User] = {}
        for school in School.objects.all():
            self.leaders[school.pk] = make_user()
            grant(self.leaders[school.pk], Role.SCHOOL_LEADER, school)

    def reconcile(self) -> Reconciliation:
        return self.run(is_rehearsal=False)

    def sign(self, run: Reconciliation, school: School) -> StatementSignature:
        return sign_results(
            reconciliation_id=run.pk,
            school_id=school.pk,
            by=acting(self.leaders[school.pk]),
            at=AFTER,
        )

    def countersign(self, signature: StatementSignature, by: User | None = None) -> YearStatement:
        issuing = Issuing(acting(by) if by else self.office, AFTER + timedelta(hours=1), CHECK)
        return countersign_statement(signature_id=signature.pk, issuing=issuing)

    def close(self, run: Reconciliation) -> list[YearStatement]:
        return [self.countersign(self.sign(run, school)) for school in schools_to_sign(run)]


@pytest.fixture
def world(db) -> Signing:
    return Signing()


class TestLeaders:
    TITLE = f"The results of {YEAR} wait for your signature"

    def titles(self, world) -> list[str]:
        return [title for title, _text in told(world.leaders[world.school.pk])]

    def test_are_told_once_that_results_wait_for_them(self, world):
        world.run()
        assert self.titles(world) == []
        run = world.reconcile()
        finish_reconciliation(reconciliation_id=run.pk, by=world.office, at=AFTER)

        assert self.titles(world) == [self.TITLE]
        leader = world.leaders[world.school.pk]
        assert addresses(leader) == [f"{reverse('quotas:reconciliations')}?year={YEAR}"]
        assert told(world.office.user) == told(clerk_of(world.school)) == []

    def test_are_told_no_more_of_what_was_discarded(self, world):
        run = world.reconcile()
        discard_reconciliation(
            reconciliation_id=run.pk, reason="漏了一次课", by=world.office, at=AFTER
        )
        assert self.titles(world) == []
        world.reconcile()
        assert self.titles(world) == [self.TITLE]


class TestSigning:
    def test_is_the_leaders_of_the_school(self, world):
        run = world.reconcile()
        for user in (
            world.leaders[world.other.pk],
            factories.make_clerk(world.school),
            make_officer(Role.ORGANISATION_DEPARTMENT),
        ):
            with refused(PermissionDenied):
                sign_results(
                    reconciliation_id=run.pk, school_id=world.school.pk, by=acting(user), at=AFTER
                )

        signature = world.sign(run, world.school)

        assert signature.signed_by == world.leaders[world.school.pk]
        entry = AuditEntry.objects.get(act="sign_results")
        assert (entry.school_code, entry.object_id) == (world.school.code, str(run.pk))

    def test_is_once(self, world):
        run = world.reconcile()
        world.sign(run, world.school)
        with refused(StatementError, match="已签"):
            world.sign(run, world.school)

    def test_is_of_a_final_reconciliation_alone(self, world):
        rehearsal = world.run()
        with refused(StatementError, match="正式"):
            world.sign(rehearsal, world.school)
        with refused(IntegrityError):
            StatementSignature.objects.create(
                reconciliation=rehearsal,
                school=world.school,
                signed_at=AFTER,
                signed_by=world.leaders[world.school.pk],
            )

    def test_of_the_district_comes_after_all_schools_by_the_district_school(self, world):
        run = world.reconcile()
        academic = make_officer(Role.DISTRICT_SCHOOL)
        district = {"reconciliation_id": run.pk, "school_id": None, "at": AFTER}
        with refused(PermissionDenied):
            sign_results(**district, by=world.office)
        with refused(StatementError, match="各校"):
            sign_results(**district, by=acting(academic))
        world.close(run)

        statement = world.countersign(sign_results(**district, by=acting(academic)))

        parts = {part["name"] for part in statement.facts["parts"]}
        assert parts == {world.school.name, world.other.name, ""}
        assert statement.facts["sums"]["members"] == run.results.count()


class TestCountersigning:
    def test_is_the_organisation_departments(self, world):
        signature = world.sign(world.reconcile(), world.school)
        with refused(PermissionDenied):
            world.countersign(signature, make_officer(Role.DISTRICT_SCHOOL))

    def test_is_another_persons(self, world):
        leader = world.leaders[world.school.pk]
        grant(leader, Role.ORGANISATION_DEPARTMENT)
        signature = world.sign(world.reconcile(), world.school)

        with refused(StatementError, match="另一人"):
            world.countersign(signature, leader)
        with refused(IntegrityError):
            row = world.countersign(signature)
            YearStatement.objects.bulk_create([_copy(row, issued_by=leader)])

    def test_is_not_of_somebody_who_speaks_for_the_school(self, world):
        signature = world.sign(world.reconcile(), world.school)
        clerk = factories.make_clerk(world.school)
        grant(clerk, Role.ORGANISATION_DEPARTMENT)
        with refused(StatementError, match="代表"):
            world.countersign(signature, clerk)

    def test_is_not_of_somebody_who_speaks_for_the_school_that_took_it_over(self, world):
        run = world.reconcile()
        School.objects.filter(pk=world.other.pk).update(
            period=period(date(2019, 1, 1), date(YEAR + 1, 1, 5)), taken_over_by=world.school
        )
        world.other.role_grants.all().delete()
        signature = sign_results(
            reconciliation_id=run.pk,
            school_id=world.other.pk,
            by=acting(world.leaders[world.school.pk]),
            at=AFTER,
        )
        clerk = factories.make_clerk(world.school)
        grant(clerk, Role.ORGANISATION_DEPARTMENT)

        with refused(StatementError, match="代表"):
            world.countersign(signature, clerk)

    def test_is_not_of_somebody_whose_own_result_stands_in_it(self, world):
        officer = make_officer(Role.ORGANISATION_DEPARTMENT)
        world.stranger.user = officer
        world.stranger.save()
        run = world.reconcile()

        with refused(StatementError, match="本人"):
            world.countersign(world.sign(run, world.other), officer)
        assert world.countersign(world.sign(run, world.school), officer).issued_by == officer

    def test_is_not_of_somebody_who_posted_hours_to_themselves(self, world):
        officer = User.objects.get(pk=CreditEntry.objects.first().posted_by_id)
        grant(officer, Role.ORGANISATION_DEPARTMENT)
        world.member.user = officer
        world.member.save()
        run = world.reconcile()

        with refused(StatementError, match="给自己"):
            world.countersign(world.sign(run, world.other), officer)

    def test_is_once(self, world):
        signature = world.sign(world.reconcile(), world.school)
        world.countersign(signature)
        with refused(StatementError, match="已出具"):
            world.countersign(signature)


def _copy(statement: YearStatement, **changes: object) -> YearStatement:
    fields = {
        field.attname: getattr(statement, field.attname)
        for field in statement._meta.concrete_fields
        if not field.primary_key
    }
    copy = YearStatement(**fields)
    for name, value in changes.items():
        setattr(copy, name, value)
    return copy


class TestAStatement:
    def test_has_number_seal_and_head_of_the_trail(self, world):
        run = world.reconcile()
        first = world.countersign(world.sign(run, world.other))
        second = world.countersign(world.sign(run, world.school))

        assert [first.number, second.number] == [f"XQ-S{YEAR}-001", f"XQ-S{YEAR}-002"]
        assert is_intact(first)
        newest = Seal.objects.first()
        assert (first.seal_number, first.chain_head) == (newest.number, newest.head)
        first.facts["sums"]["met"] += 1
        assert not is_intact(first)

    def test_states_the_frozen_results(self, world):
        run = world.reconcile()
        facts = world.countersign(world.sign(run, world.school)).facts
        results = run.results.filter(school=world.school)
        sums = sum_all(results)

        assert facts["sums"]["members"] == sums.members == 4
        assert Decimal(facts["sums"]["done"]) == sums.done
        assert [part["name"] for part in facts["parts"]] == [
            line.name for line in sum_results(results, "organisation")
        ]

    def test_has_the_same_figures_in_pdf_and_xlsx(self, world):
        run = world.reconcile()
        statement = world.countersign(world.sign(run, world.school))
        pdf = open_statement(statement)
        workbook = open_statement(statement, as_sheet=True)

        assert (hash_paper(pdf), hash_paper(workbook)) == (
            statement.pdf_hash,
            statement.sheet_hash,
        )
        lines = Counter(read_lines(pdf))
        sheet = CalamineWorkbook.from_filelike(BytesIO(workbook)).get_sheet_by_index(0)
        rows = sheet.to_python()[-3:]
        for (name, figures), row in zip(list_figures(statement.facts), rows, strict=True):
            assert row == [name, *(float(figure) for figure in figures)]
            # `read_lines` leaves out what is a single sign.
            cells = [cell for cell in [name, *map(format_figure, figures)] if len(cell) > 1]
            assert not Counter(cells) - lines
        assert statement.sheet_hash in "".join(lines)
        assert statement.number in lines

    def test_is_never_changed(self, world):
        statement = world.countersign(world.sign(world.reconcile(), world.school))
        with pytest.raises(TypeError):
            statement.save()
        with refused(Exception, match="append-only|permission denied"):
            YearStatement.objects.update(facts={})


class TestTheYear:
    def test_is_closed_with_the_statement_of_the_last_school(self, world):
        run = world.reconcile()
        schools = list(schools_to_sign(run))
        for school in schools[:-1]:
            world.countersign(world.sign(run, school))
        assert find_closed(YEAR) is None

        world.countersign(world.sign(run, schools[-1]))

        assert find_closed(YEAR) == run
        assert AuditEntry.objects.filter(act="close_year").count() == 1

    def test_is_discarded_with_a_reason_before(self, world):
        run = world.reconcile()
        statement = world.countersign(world.sign(run, world.school))
        discard_reconciliation(
            reconciliation_id=run.pk, reason="漏了一次课", by=world.office, at=AFTER
        )

        found = YearStatement.objects.with_state().get(pk=statement.pk)
        assert (found.state, found.revoked_at) == ("revoked", AFTER)
        with refused(StatementError):
            world.sign(run, world.other)
        again = world.reconcile()
        assert world.countersign(world.sign(again, world.school)).revision == 1

    def test_is_discarded_no_more_afterwards(self, world):
        run = world.reconcile()
        world.close(run)
        with refused(ReconciliationError, match="两人"):
            discard_reconciliation(reconciliation_id=run.pk, reason="漏", by=world.office, at=AFTER)
        for statement in (
            "UPDATE quotas_reconciliation SET state = 'discarded', reason = '漏', "
            "discarded_at = now()",
            "UPDATE schools_yearlock SET released_at = now(), reason = '漏', "
            f"released_by_id = {world.office.user.pk}",
        ):
            with refused(IntegrityError), connection.cursor() as cursor:
                cursor.execute(statement)


class TestTheCheck:
    def test_finds_nothing_in_what_was_issued(self, world):
        world.close(world.reconcile())
        assert not list_findings()

    def test_finds_nothing_after_a_rename_that_changes_the_order(self, world):
        run = world.reconcile()
        world.close(run)
        academic = acting(make_officer(Role.DISTRICT_SCHOOL))
        world.countersign(
            sign_results(reconciliation_id=run.pk, school_id=None, by=academic, at=AFTER)
        )

        Organisation.objects.filter(pk=world.branch.pk).update(name="新名", code="Z9")
        School.objects.filter(pk=world.school.pk).update(name="新校名", code="120111999")

        assert not list_findings()

    def test_names_a_statement_with_another_file(self, world):
        statement = world.close(world.reconcile())[0]
        content_path(statement.sheet.key).write_bytes(encrypt_bytes(b"another"))

        assert _named("files of statements are what was issued") == [statement.pk]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
def test_the_check_names_what_was_changed_behind_the_guards():
    world = Signing()
    seal_acts(at=AFTER)
    run = world.reconcile()
    statement, other = world.close(run)
    assert statement.chain_head == Seal.objects.get(number=statement.seal_number).head
    assert not list_findings()
    with as_owner() as owner, transaction.atomic(), owner.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE quotas_memberresult SET done = done + 1 WHERE school_id = %s",
            [other.signature.school_id],
        )
        cursor.execute(
            "UPDATE quotas_yearstatement SET chain_head = 'x' WHERE id = %s", [statement.pk]
        )

    assert _named("figures of statements are those of the frozen results") == [other.pk]
    assert _named("signatures of statements are of what stands there") == [other.signature_id]
    assert _named("statements name the head of the trail") == [statement.pk]
    assert _named("statements say what was sealed") == [statement.pk]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
def test_what_was_signed_is_provable_line_by_line():
    world = Signing()
    run = world.reconcile()
    signature = world.sign(run, world.school)
    entry = AuditEntry.objects.get(act="sign_results")
    assert len(signature.signed_hash) == 64
    assert entry.after["signed_hash"] == signature.signed_hash
    check = "signatures of statements are of what stands there"
    assert _named(check) == []
    with as_owner() as owner, transaction.atomic(), owner.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        # No sum counts trainings, so none moves.
        cursor.execute(
            "UPDATE quotas_memberresult SET trained = trained + 1 WHERE reconciliation_id = %s "
            "AND member_id = %s",
            [run.pk, world.member.pk],
        )

    assert _named(check) == [signature.pk]
    assert _named("figures of statements are those of the frozen results") == []
    with refused(StatementError, match="签署"):
        world.countersign(signature)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
def test_the_check_names_a_missing_number_and_a_statement_of_one_person():
    world = Signing()
    first, second = world.close(world.reconcile())
    assert not list_findings()
    with as_owner() as owner, transaction.atomic(), owner.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM quotas_yearstatement WHERE id = %s", [first.pk])
        cursor.execute(
            "UPDATE quotas_statementsignature SET signed_by_id = %s WHERE id = %s",
            [second.issued_by_id, second.signature_id],
        )

    assert _named("numbers of statements run on without a gap") == [second.pk]
    assert _named("statements are signed and countersigned by two people") == [second.pk]


def _named(check: str) -> list[int]:
    return {finding.check: finding.examples for finding in list_findings()}.get(check, [])
