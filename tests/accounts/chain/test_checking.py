"""What the owner of a database can do to it is named, whatever the row, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.audit import record_act
from accounts.chain import checking
from accounts.chain.checking import (
    CHANGED,
    MISSING,
    SEALS,
    SHAPE,
    SIGNATURES,
    TAIL,
    UNEXPLAINED,
    UNSEALED,
    _look_at,
    list_chain_findings,
)
from accounts.chain.sealing import list_heads, seal_acts, set_heads_aside
from accounts.chain.tables import Table, list_tables
from accounts.chain.triggers import use_fixed_settings
from accounts.models import Seal
from backstage.files import store_file
from config.lib.database_roles import as_owner, has_two_roles
from tests import factories
from tests.chains import explained
from tests.connections import together
from tests.factories import NOON
from tests.hours.queries.test_ledger_check import Ledger
from trainees.models import Exemption, Membership

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set"),
]
# Tables whose rows decide over hours, relief or what a paper says.
DECISIVE = {
    "accounts_auditentry",
    "backstage_storedfile",
    "classes_enrolment",
    "classes_roll",
    "courses_session",
    "hours_assessment",
    "hours_creditentry",
    "hours_creditrule",
    "hours_requirementrule",
    "hours_source",
    "rolls_attendance",
    "rolls_attendancecorrection",
    "schools_placement",
    "studies_study",
    "studies_studyparticipant",
    "trainees_exemption",
    "trainees_exemption_past",
    "trainees_member",
    "trainees_membership",
    "trainees_membership_past",
    "trainees_post",
}
PAST_TRIGGERS = ["SET LOCAL session_replication_role = replica"]


@pytest.fixture
def world() -> Ledger:
    """A ledger with one of everything, signed by an act and sealed."""
    with explained():
        ledger = Ledger()
        factories.make_leader(ledger.branch)
        exemption = factories.exempt(ledger.present)
        Exemption.objects.filter(pk=exemption.pk).update(category="frail")
        row = Membership.objects.first()
        row.recorded_at += timedelta(seconds=1)
        row.save()
        store_file(
            data=b"x", name="x.jpg", media_type="image/jpeg", owner=None, at=NOON, keep_days=None
        )
    with transaction.atomic():
        record_act(act="found", obj=ledger.school, by=factories.acting(factories.make_user()))
    seal_acts(at=timezone.now())
    return ledger


@pytest.fixture
def owner(world) -> Iterator[Callable[..., list[str]]]:
    """Does statements as the owner, past all triggers, and tells which checks then fail."""

    def corrupt(*statements: str) -> list[str]:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in [*PAST_TRIGGERS, *statements]:
                cursor.execute(statement)
            failed = [finding.check for finding in look()]
            transaction.set_rollback(True)
        return failed

    with as_owner():
        yield corrupt


def look() -> list[checking.ChainFinding]:
    return list_chain_findings(at=timezone.now())


def filled_tables() -> list[Table]:
    with connection.cursor() as cursor:
        tables = []
        for table in list_tables():
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table.name})")
            if cursor.fetchone()[0]:
                tables.append(table)
    return tables


def other_value(table: str, column: str) -> str:
    """SQL that puts another value of its type into a column."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format_type(atttypid, NULL) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attname = %s",
            [table, column],
        )
        kind = cursor.fetchone()[0]
    name = connection.ops.quote_name(column)
    other = {
        "boolean": f"NOT coalesce({name}, false)",
        "date": f"coalesce({name}, date '2020-01-01') + 1",
        "timestamp with time zone": f"coalesce({name}, now()) - interval '1 day'",
        "int4range": "int4range(100, 101)",
        "daterange": "daterange('2001-01-01', '2002-01-01')",
        "jsonb": """'{"forged": true}'""",
        "uuid": "gen_random_uuid()",
        "inet": "'192.0.2.1'",
        "bytea": "'\\x00'",
        "time without time zone": "'01:02:03'",
    }
    if kind in other:
        return f"{name} = {other[kind]}"
    if kind.endswith("[]"):
        return f"{name} = array_append({name}, NULL)"
    if kind in {"bigint", "integer", "smallint", "numeric"}:
        return f"{name} = coalesce({name}, 0) + 1"
    return f"{name} = CASE {name} WHEN 'x' THEN 'y' ELSE 'x' END"


class TestARow:
    def test_of_every_decisive_table_is_looked_at(self, world):
        assert {table.name for table in filled_tables()} >= DECISIVE
        assert look() == []

    def test_that_is_taken_away_is_missed(self, owner):
        for table in filled_tables():
            failed = owner(
                f"DELETE FROM {table.name} WHERE ctid = (SELECT min(ctid) FROM {table.name})"
            )
            assert failed == [MISSING], table.name

    def test_that_is_copied_is_without_an_act(self, owner):
        for table in filled_tables():
            failed = owner(*copy_of(table, all_columns(table)))
            assert UNEXPLAINED in failed, table.name

    def test_is_covered_in_every_column(self, owner):
        count = 0
        for table in filled_tables():
            wanted = {MISSING, UNEXPLAINED} if table.holds_versions else {CHANGED}
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in [*PAST_TRIGGERS, *without_constraints(table.name)]:
                    cursor.execute(statement)
                use_fixed_settings()
                for column in set(table.columns()) - {"id"}:
                    with transaction.atomic():
                        cursor.execute(
                            f"UPDATE {table.name} SET {other_value(table.name, column)} "
                            f"WHERE ctid = (SELECT min(ctid) FROM {table.name})"
                        )
                        failed = {check for check, _count, _keys in _look_at(table, [])}
                        transaction.set_rollback(True)
                    leaves = {MISSING} if column in table.rows.split() else wanted
                    assert failed == leaves, f"{table.name}.{column}"
                    count += 1
                transaction.set_rollback(True)
        assert count > 150

    def test_that_is_put_in_the_place_of_another_is_told(self, owner):
        failed = owner(
            "CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM hours_creditentry LIMIT 1",
            "DELETE FROM hours_creditentry WHERE id = (SELECT id FROM kept)",
            "UPDATE kept SET hours = hours + 1",
            "INSERT INTO hours_creditentry SELECT * FROM kept",
        )
        assert failed == [CHANGED]

    def test_that_a_stolen_password_of_the_portal_writes_is_without_an_act(self, world):
        """The application's role may insert; without the key nothing signs it."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO accounts_auditentry (at, actor_id, actor_name, channel, address, act,"
                " object_type, object_id, object_label, school_code, before, after, digest)"
                " SELECT at, actor_id, actor_name, channel, address, act, object_type, object_id,"
                " object_label, school_code, before, after, digest FROM accounts_auditentry LIMIT 1"
            )
        assert {finding.check for finding in look()} == {SIGNATURES, UNEXPLAINED}

    def test_that_is_changed_behind_the_portals_back_is_told_with_its_number(self, world):
        row = Membership.objects.order_by("pk").first()
        Membership.objects.filter(pk=row.pk).update(membership_status="suspended")

        named = {finding.check: finding.examples for finding in look()}
        assert named[CHANGED] == [f"trainees_membership {row.pk}"]


class TestAnAct:
    def test_that_is_forged_fits_no_signature(self, owner):
        forged = owner(
            "UPDATE hours_creditentry SET hours = hours + 1",
            "INSERT INTO accounts_writtenrows (act, in_table, change, columns, keys, digests)"
            " SELECT 9999, w.in_table, 'U', w.columns, w.keys, w.digests"
            " FROM accounts_writtenrows w WHERE in_table = 'hours_creditentry' LIMIT 1",
            "INSERT INTO accounts_signedact SELECT 9999, kind, signed_at, statements, digest,"
            " signature FROM accounts_signedact LIMIT 1",
        )
        assert {SIGNATURES, CHANGED} <= set(forged)

    def test_that_is_altered_no_longer_explains_its_rows(self, owner):
        for change in (
            "UPDATE accounts_writtenrows SET digests[1] = digests[2] WHERE cardinality(keys) > 1",
            "UPDATE accounts_signedact SET statements = statements + 1",
            "UPDATE accounts_signedact SET signed_at = signed_at - interval '1 day'",
            "UPDATE accounts_writtenrows SET change = 'U' WHERE change = 'I'",
        ):
            assert {SIGNATURES, UNEXPLAINED} <= set(owner(change)), change

    def test_that_is_taken_away_with_all_its_rows_is_missed_by_its_seal(self, owner):
        failed = owner(
            "CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT act FROM accounts_writtenrows"
            " WHERE in_table = 'accounts_auditentry' ORDER BY id DESC LIMIT 1",
            "DELETE FROM accounts_auditentry WHERE id IN (SELECT unnest(keys)"
            " FROM accounts_writtenrows WHERE in_table = 'accounts_auditentry'"
            " AND act = (SELECT act FROM gone))",
            "DELETE FROM accounts_writtenrows WHERE act = (SELECT act FROM gone)",
            "DELETE FROM accounts_signedact WHERE number = (SELECT act FROM gone)",
        )
        assert SEALS in failed


class TestTheSeals:
    def test_are_missed_when_the_tail_is_cut(self, owner):
        assert len(list(list_heads())) == 2
        failed = owner(
            "DELETE FROM accounts_seal WHERE number = (SELECT max(number) FROM accounts_seal)"
        )
        assert TAIL in failed

    def test_cannot_be_altered_or_left_out(self, owner):
        for change in (
            "UPDATE accounts_seal SET root = md5(root) || md5(head) WHERE number = 1",
            "UPDATE accounts_seal SET head = md5(root) || md5(head) WHERE number = 2",
            "UPDATE accounts_seal SET acts = acts[2:] WHERE number = 1",
            "UPDATE accounts_seal SET sealed_at = sealed_at - interval '1 day' WHERE number = 1",
            "DELETE FROM accounts_seal WHERE number = 1",
        ):
            assert SEALS in owner(change), change

    def test_leave_no_act_open_for_more_than_five_minutes(self, world):
        with transaction.atomic():
            record_act(act="found", obj=world.school, by=factories.acting(factories.make_user()))
        soon = timezone.now() + timedelta(minutes=4)
        assert list_chain_findings(at=soon) == []

        (finding,) = list_chain_findings(at=soon + timedelta(minutes=2))
        assert (finding.check, finding.count) == (UNSEALED, 1)

        seal_acts(at=soon)
        assert list_chain_findings(at=soon + timedelta(minutes=2)) == []
        assert Seal.objects.count() == len(list(list_heads()))

    def test_may_be_made_while_the_check_runs(self, world, monkeypatch):
        """A busy site seals every minute, and a check lasts longer than a moment."""

        with explained():
            user = factories.make_user()
        seal_acts(at=timezone.now())

        def act_and_seal() -> None:
            with transaction.atomic():
                record_act(act="found", obj=world.school, by=factories.acting(user))
            seal_acts(at=timezone.now())

        tables = list_tables()

        def meanwhile() -> list[Table]:
            together(act_and_seal)
            return tables

        monkeypatch.setattr(checking, "list_tables", meanwhile)
        before = Seal.objects.count()

        assert list_chain_findings(at=timezone.now()) == []
        assert Seal.objects.count() == before + 1


class TestTheTriggers:
    def test_are_missed_when_they_are_turned_off(self, owner):
        assert owner("ALTER TABLE trainees_post DISABLE TRIGGER USER") == [SHAPE]
        assert owner("DROP TRIGGER trainees_post_write_down_update ON trainees_post") == [SHAPE]


class TestTheFileOfHeads:
    @pytest.fixture(autouse=True)
    def _sealed(self):
        """Seal 1 is of the migrations; seal 2 is older than five minutes."""
        with explained():
            factories.make_user()
        seal_acts(at=timezone.now() - timedelta(minutes=6))
        assert look() == []

    def problems(self) -> list[str]:
        (finding,) = look()
        assert finding.check == TAIL
        return finding.examples

    def test_is_missed_when_it_is_gone(self):
        settings.CHAIN_HEADS.unlink()
        assert self.problems() == [
            "the file of heads begins with neither seal 1 nor a restore",
            "seal 2 is not in the file of heads",
        ]

    def test_is_missed_when_another_was_begun_in_its_place(self):
        settings.CHAIN_HEADS.unlink()
        with explained():
            factories.make_user()
        seal_acts(at=timezone.now() - timedelta(minutes=6))

        assert self.problems() == ["the file of heads begins with neither seal 1 nor a restore"]

    def test_holds_the_newest_seal_of_five_minutes_ago(self):
        first, _last = settings.CHAIN_HEADS.read_text().splitlines(keepends=True)
        settings.CHAIN_HEADS.write_text(first)
        assert self.problems() == ["seal 2 is not in the file of heads"]
        assert list_chain_findings(at=timezone.now() - timedelta(minutes=2)) == []

    def test_holds_nothing_but_heads(self):
        with settings.CHAIN_HEADS.open("a") as file:
            file.write('{"seal":2,"he')
        assert self.problems() == ["a line of the file of heads that is none"]

    def test_begins_anew_with_a_restore(self):
        set_heads_aside(timezone.now())
        assert look() == []

        with explained():
            factories.make_user()
        seal_acts(at=timezone.now() - timedelta(minutes=6))
        assert look() == []

    def test_begins_with_the_newest_seal_of_a_backup_that_is_minutes_old(self):
        """Seals before the restore stand in the former file, however young the newest one is."""
        with explained():
            factories.make_user()
        seal_acts(at=timezone.now())
        set_heads_aside(timezone.now())

        assert look() == []

    def test_begins_with_a_restore_on_another_machine(self):
        settings.CHAIN_HEADS.unlink()
        set_heads_aside(timezone.now())
        assert look() == []


def test_the_file_of_heads_is_not_that_of_the_portal():
    assert str(settings.VAR_DIR) not in str(settings.CHAIN_HEADS)


def all_columns(table: Table) -> list[str]:
    quote = connection.ops.quote_name
    return [quote(column) for column in [*table.columns(), *sorted(table.left_out)]]


def without_constraints(table: str) -> list[str]:
    """Statements of an owner who takes every constraint of a table away, and unique indexes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('ALTER TABLE %%s DROP CONSTRAINT IF EXISTS %%I CASCADE',"
            " conrelid::regclass, conname) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype NOT IN ('n', 't')"
            " UNION ALL SELECT format('DROP INDEX IF EXISTS %%s CASCADE', indexrelid::regclass)"
            " FROM pg_index WHERE indrelid = %s::regclass AND indisunique AND NOT EXISTS ("
            "   SELECT FROM pg_constraint WHERE conindid = indexrelid)"
            " UNION ALL SELECT format('ALTER TABLE %%s ALTER %%I DROP EXPRESSION',"
            "   attrelid::regclass, attname) FROM pg_attribute"
            "   WHERE attrelid = %s::regclass AND attgenerated <> ''",
            [table] * 3,
        )
        return [statement for (statement,) in cursor.fetchall()]


def copy_of(table: Table, columns: list[str]) -> list[str]:
    """Statements that put a copy of a row beside it, under a new number if it needs one."""
    key = "id" if table.holds_versions else f"(SELECT max(id) + 1 FROM {table.name})"
    values = ", ".join(key if column == '"id"' else column for column in columns)
    override = "OVERRIDING SYSTEM VALUE"
    return [
        *without_constraints(table.name),
        f"INSERT INTO {table.name} ({', '.join(columns)}) {override} "
        f"SELECT {values} FROM {table.name} LIMIT 1",
    ]
