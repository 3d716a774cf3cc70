"""An act signs what it wrote, as the last step of its transaction."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from accounts.audit import record_act
from accounts.chain.signing import connection_of_this_thread, sign_written_rows
from accounts.chain.tables import list_own_models, list_tables
from accounts.models import SignedAct, WrittenRows
from schools.models import School
from tests import factories
from tests.connections import together
from trainees.models import Membership


def last_act() -> SignedAct | None:
    return SignedAct.objects.filter(kind="act").last()


def written_by(act: SignedAct | None) -> set[tuple[str, str]]:
    rows = WrittenRows.objects.filter(act=act.number if act else None)
    return {(row.in_table, row.change) for row in rows}


def found(school: School) -> None:
    """An entry of the trail."""
    record_act(act="found", obj=school, by=factories.acting(factories.make_user()))


def move_and_record(school: School) -> None:
    """An act."""
    with transaction.atomic():
        School.objects.filter(pk=school.pk).update(office="二楼")
        found(school)


@pytest.fixture
def school() -> School:
    return factories.make_school()


@pytest.mark.django_db(transaction=True)
class TestAnAct:
    def test_signs_all_that_its_transaction_wrote_before_and_after_its_entry(self, school):
        branch = factories.make_organisation(school)
        member = factories.make_member(branch)
        with transaction.atomic():
            member.name = "王丽"
            member.save(update_fields=["name"])
            found(school)
            Membership.objects.filter(member=member).update(membership_status="suspended")

        assert written_by(last_act()) >= {
            ("trainees_member", "U"),
            ("accounts_auditentry", "I"),
            ("trainees_membership", "U"),
            ("trainees_membership_past", "I"),
        }

    def test_without_an_entry_of_the_trail_is_not_signed(self, school):
        with transaction.atomic():
            School.objects.update(office="二楼")
        assert last_act() is None
        assert WrittenRows.objects.filter(in_table="schools_school", change="U").exists()

    def test_does_not_sign_what_was_taken_back(self, school):
        with transaction.atomic():
            with transaction.atomic():
                School.objects.update(office="二楼")
                transaction.set_rollback(True)
            found(school)

        written = written_by(last_act())
        assert ("accounts_auditentry", "I") in written
        assert ("schools_school", "U") not in written

    def test_that_is_rolled_back_leaves_nothing_to_sign_for_the_next(self, school):
        with transaction.atomic():
            found(school)
            transaction.set_rollback(True)
        assert connection_of_this_thread().before_commit is None

    def test_that_cannot_sign_does_not_commit(self, school, monkeypatch):
        monkeypatch.setattr("accounts.chain.signing.signature_of", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            move_and_record(school)

        assert not School.objects.filter(office="二楼").exists()

    def test_waits_for_no_other(self, school):
        schools = [
            school,
            *(factories.make_school(f"12011110{n}", f"第{n}街道") for n in range(2, 5)),
        ]
        together(*(lambda each=each: move_and_record(each) for each in schools))

        acts = SignedAct.objects.filter(kind="act")
        assert len({act.number for act in acts}) == 4
        assert all(("schools_school", "U") in written_by(act) for act in acts)


@pytest.mark.django_db
def test_two_acts_of_one_transaction_sign_apart(school):
    for office in ("二楼", "三楼"):
        School.objects.update(office=office)
        found(school)
        sign_written_rows()

    assert SignedAct.objects.filter(kind="act").count() == 2


@pytest.mark.django_db
class TestTheTables:
    def test_are_those_of_all_our_models_that_do_not_say_why_not(self):
        left_out = [model for model in list_own_models() if hasattr(model, "unchained_because")]
        covered = {table.name for table in list_tables()}

        assert all(model.unchained_because.endswith(".") for model in left_out)
        assert covered.isdisjoint(model._meta.db_table for model in left_out)
        assert covered >= {
            model._meta.db_table for model in list_own_models() if model not in left_out
        }

    def test_leave_out_only_columns_that_exist(self):
        for table in list_tables():
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM {table.name} LIMIT 0")
                columns = {column.name for column in cursor.description}
            assert table.left_out < columns
            assert set(table.columns()) == columns - table.left_out
