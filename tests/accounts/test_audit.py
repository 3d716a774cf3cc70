"""The audit trail: written with its act or not at all, free of ID numbers, sealed, undeletable."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.db import ProgrammingError, connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.audit import AuditError, digest_of, facts_of, find_broken_digests, record_act
from accounts.enums import ActorChannel
from accounts.models import AuditEntry
from accounts.origin import Actor
from config.lib.append_only import AppendOnlyError
from config.lib.database_roles import as_owner, has_two_roles
from config.lib.periods import SHANGHAI, period
from schools.models import School
from tests import factories
from tests.refusals import refused

ID_NUMBER = "11010519491231002X"


@pytest.fixture
def user(db):
    return factories.make_user(display_name="李建国")


@pytest.fixture
def school(db):
    return factories.make_school()


def record(obj, user, **facts):
    return record_act(act="change_record", obj=obj, by=factories.acting(user), **facts)


class TestWritingAnEntry:
    def test_says_who_did_what_to_which_object_from_where(self, school, user):
        record(school, user, before={"signature": ""}, after={"signature": "湖畔讲堂"})

        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.actor_name) == (user, "李建国")
        assert (entry.channel, entry.address) == ("web", "127.0.0.1")
        assert (entry.act, entry.object_type) == ("change_record", "schools.school")
        assert (entry.object_id, entry.object_label) == (str(school.pk), "杨柳青镇党校")
        assert (entry.before, entry.after) == ({"signature": ""}, {"signature": "湖畔讲堂"})

    def test_keeps_facts_as_text_that_a_reader_and_a_machine_understand(self, school, user):
        facts = {
            "hours": Decimal("3.50"),
            "day": date(2026, 2, 28),
            "at": datetime(2026, 5, 20, 9, 30, tzinfo=SHANGHAI),
            "name": "欧阳𠮷㐂",
        }
        record(school, user, after=facts)

        assert AuditEntry.objects.get().after == {
            "hours": "3.50",
            "day": "2026-02-28",
            "at": "2026-05-20T09:30:00+08:00",
            "name": "欧阳𠮷㐂",
        }

    def test_a_machine_is_named_by_the_way_it_came(self, school):
        record_act(act="seed_demo", obj=school, by=Actor(None, ActorChannel.COMMAND))

        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.actor_name, entry.address) == (None, "command", None)

    def test_goes_when_its_act_is_rolled_back(self, school, user):
        with refused(RuntimeError):
            record(school, user)
            assert AuditEntry.objects.count() == 1
            raise RuntimeError

        assert not AuditEntry.objects.exists()

    def test_its_facts_leave_out_what_is_sealed_or_hashed(self, school):
        member = factories.make_member(factories.make_organisation(school))

        assert "name" in facts_of(member)
        assert not {"resident_id_encrypted", "resident_id_fingerprint"} & facts_of(member).keys()
        assert "password" not in facts_of(factories.make_user())


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_the_transaction_of_its_act_is_refused():
    school, user = factories.make_school(), factories.make_user()

    with pytest.raises(AuditError):
        record(school, user)

    assert not AuditEntry.objects.exists()
    with transaction.atomic():
        record(school, user)
    assert AuditEntry.objects.count() == 1


class TestAnIDNumber:
    @pytest.mark.parametrize(
        "facts",
        [
            {"before": {"number": ID_NUMBER}},
            {"after": {"number": ID_NUMBER.lower()}},
            {"after": {"note": f"身份证{ID_NUMBER}，核对无误"}},
            {"after": {"members": [{"numbers": [ID_NUMBER]}]}},
            {"after": {ID_NUMBER: "present"}},
            {"after": {"number": 110105194912310021}},
        ],
        ids=["before", "lower case", "in a sentence", "deep inside", "as a key", "as a number"],
    )
    def test_in_the_facts_is_refused(self, school, user, facts):
        with refused(AuditError):
            record(school, user, **facts)

        assert not AuditEntry.objects.exists()

    def test_in_the_label_is_refused(self, user):
        school = School(pk=1, name=f"党校{ID_NUMBER}")

        with refused(AuditError):
            record(school, user)

        assert not AuditEntry.objects.exists()

    @pytest.mark.parametrize("harmless", ["110***********02X", "1780000000000000001234", "12011"])
    def test_is_not_seen_where_there_is_none(self, school, user, harmless):
        record(school, user, after={"text": harmless})

        assert AuditEntry.objects.get().after == {"text": harmless}


class TestASeal:
    """Fits the row as it comes back from the database, whatever the facts were made of."""

    @pytest.mark.parametrize(
        "facts",
        [
            None,
            {},
            {"hours": Decimal("3.75"), "none": Decimal("0.00")},
            {"day": date(2026, 2, 28), "at": datetime(2026, 5, 20, 9, 30, tzinfo=SHANGHAI)},
            {"period": period(date(2026, 1, 1)), "closed": period(date(2026, 1, 1), date.max)},
            {"name": "欧阳𠮷㐂·买买提", "quote": '他说："在"。\\\n'},
            {"marks": {7: "present", 12: None}, "zebra": 1, "ant": [True, 2, "3"]},
            {"percent": 0.1, "share": 12.5},
        ],
        ids=["nothing", "empty", "decimals", "dates", "periods", "Chinese", "keys", "floats"],
    )
    def test_survives_the_round_trip_of_the_facts(self, school, user, facts):
        entry = record(school, user, before=facts, after=facts)

        stored = AuditEntry.objects.get()
        assert stored.digest == entry.digest == digest_of(stored)
        assert find_broken_digests() == []

    @pytest.mark.parametrize(
        "at",
        [
            datetime(2026, 5, 20, 4, tzinfo=UTC),
            datetime(2026, 5, 20, 12, 0, 0, 123456, tzinfo=SHANGHAI),
            datetime(2026, 5, 20, 12, tzinfo=timezone(timedelta(hours=8))),
        ],
        ids=["UTC", "Asia/Shanghai", "offset"],
    )
    def test_survives_the_round_trip_of_the_moment(self, school, user, at):
        record(school, user, at=at)

        assert AuditEntry.objects.get().at == at
        assert find_broken_digests() == []

    @pytest.mark.parametrize(
        "address",
        [None, "10.1.2.3", "2001:db8::1", "2001:DB8:0:0::1", "::ffff:10.1.2.3", "::10.1.2.3"],
    )
    def test_survives_the_round_trip_of_the_address(self, school, user, address):
        record_act(act="sign_in", obj=school, by=Actor(user, ActorChannel.WEB, address))

        assert find_broken_digests() == []


json_facts = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs", "Nd"], exclude_characters="\0")),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**15), 10**15)
        | st.decimals(-10_000, 10_000, places=2)
        | st.dates()
        | st.text(st.characters(exclude_categories=["Cs", "Nd"], exclude_characters="\0")),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)


class TestAnyFacts(TestCase):
    @hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(json_facts)
    def test_keep_their_seal(self, facts):
        school, user = School(pk=1, name="党校"), factories.make_user()

        record(school, user, after=facts)

        assert find_broken_digests() == []


SMUGGLED = {
    "at": "at + interval '1 second'",
    "actor_id": "(SELECT max(id) FROM accounts_user)",
    "actor_name": "'王丽'",
    "channel": "'admin'",
    "address": "'10.9.9.9'",
    "act": "'look_up_hours'",
    "object_type": "'schools.district'",
    "object_id": "'0'",
    "object_label": "'津门湖街道党校'",
    "school_code": "'120111005'",
    "before": """'{"hours": "4.00"}'""",
    "after": """jsonb_set(after, '{hours}', '"3.75"')""",
    "digest": "md5(digest) || md5(act)",
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
class TestAnEditedRow:
    def test_is_found_whatever_column_was_edited(self):
        self.record_two()
        edited = {}

        with as_owner() as owner:
            for column, value in SMUGGLED.items():
                with transaction.atomic(), owner.cursor() as cursor:
                    cursor.execute("SET LOCAL session_replication_role = replica")
                    cursor.execute(
                        f"UPDATE accounts_auditentry SET {column} = {value} WHERE act = 'one'"
                    )
                    edited[column] = find_broken_digests()
                    transaction.set_rollback(True)

        entry = AuditEntry.objects.get(act="one")
        assert edited == {column: [entry.pk] for column in SMUGGLED}
        assert find_broken_digests() == []

    def test_no_column_is_left_unsealed(self):
        columns = {field.column for field in AuditEntry._meta.concrete_fields}

        assert columns - {"id"} == set(SMUGGLED)

    def test_is_found_in_any_chunk(self):
        self.record_two()

        with as_owner() as owner, transaction.atomic(), owner.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("UPDATE accounts_auditentry SET actor_name = '王丽'")
            broken = find_broken_digests(chunk_size=1)
            transaction.set_rollback(True)

        assert broken == list(AuditEntry.objects.order_by("id").values_list("pk", flat=True))

    def record_two(self):
        school, user = factories.make_school(), factories.make_user(display_name="李建国")
        factories.make_user()
        for act in ("one", "another"):
            with transaction.atomic():
                record_act(
                    act=act,
                    obj=school,
                    by=factories.acting(user),
                    before={"hours": Decimal("3.50")},
                    after={"hours": Decimal("4.00")},
                )


class TestAStoredEntry:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE accounts_auditentry SET act = 'nothing'",
            "DELETE FROM accounts_auditentry",
            "TRUNCATE accounts_auditentry",
        ],
        ids=lambda statement: statement.split()[0],
    )
    def test_stays_as_it_is_for_the_applications_role(self, school, user, statement):
        record(school, user)

        with refused(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(statement)

        assert AuditEntry.objects.get().act == "change_record"

    def test_is_neither_saved_again_nor_deleted(self, school, user):
        entry = record(school, user)

        with pytest.raises(AppendOnlyError):
            entry.save()
        with pytest.raises(AppendOnlyError):
            entry.delete()

    def test_is_found_by_its_object(self, school, user):
        older, newer = record(school, user), record(school, user)
        record(user, user)

        assert list(AuditEntry.objects.about(school)) == [newer, older]
