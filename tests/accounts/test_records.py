"""Adding, changing and deleting by hand: all or nothing, with an entry, and nobody's work lost."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction
from django.utils import translation

from accounts import records
from accounts.models import AuditEntry, User
from accounts.records import (
    RecordChangedError,
    RecordError,
    delete_record,
    lock_row,
    mask_phone,
    save_account,
    save_record,
    state_of,
)
from courses.models import Course, Module, Venue
from instructors.models import Instructor
from schools.models import School
from tests import factories
from tests.refusals import refused


@pytest.fixture
def actor(db):
    return factories.acting(factories.make_user(display_name="王芳"))


@pytest.fixture
def school(db):
    return factories.make_school()


def named(school, name):
    """The row as another request has read it, with another name typed in."""
    copy = School.objects.get(pk=school.pk)
    copy.name = name
    return copy


def save_name(school, name, actor, **kwargs):
    return save_record(obj=named(school, name), by=actor, fields=["name", "signature"], **kwargs)


def make_venue(school: School) -> Venue:
    """A venue that is not stored yet."""
    return Venue(school=school, name="报告厅", capacity=80, period=school.period)


class TestAdding:
    def test_stores_the_row_with_all_its_facts_in_the_trail(self, actor, school):
        venue = make_venue(school)

        save_record(obj=venue, by=actor, fields=["name"], school_code=school.code)

        entry = AuditEntry.objects.get()
        assert (entry.act, entry.actor_name, entry.before) == ("add_record", "王芳", None)
        assert entry.after == {
            "id": venue.pk,
            "school_id": school.pk,
            "name": "报告厅",
            "kind": "venue",
            "capacity": 80,
            "address": "",
            "contact": "",
            "telephone": "",
            "period": str(school.period),
        }
        assert (entry.object_id, entry.school_code) == (str(venue.pk), school.code)

    def test_without_its_entry_there_is_no_row(self, actor, school, monkeypatch):
        monkeypatch.setattr(records, "record_act", _fail)

        with refused(RuntimeError):
            save_record(obj=make_venue(school), by=actor, fields=["name"])

        assert not Venue.objects.exists()

    def test_what_the_database_forbids_is_said_in_words(self, actor, school):
        with refused(RecordError) as caught:
            save_record(
                obj=School(code=school.code, name="另一所党校", period=school.period),
                by=actor,
                fields=["code"],
            )

        assert "schools_school" not in caught.value.message
        assert not AuditEntry.objects.exists()


class TestChanging:
    def test_keeps_before_and_after_of_what_changed_alone(self, actor, school):
        assert save_name(school, "杨柳青党校", actor)

        entry = AuditEntry.objects.get()
        assert entry.act == "change_record"
        assert (entry.before, entry.after) == ({"name": "杨柳青镇党校"}, {"name": "杨柳青党校"})

    def test_nothing_changed_writes_nothing(self, actor, school):
        assert not save_name(school, school.name, actor)

        assert not AuditEntry.objects.exists()

    def test_writes_the_named_fields_only(self, actor, school):
        copy = named(school, "杨柳青党校")
        copy.code = "120111999"

        save_record(obj=copy, by=actor, fields=["name"])

        school.refresh_from_db()
        assert (school.name, school.code) == ("杨柳青党校", "120111101")

    def test_without_its_entry_nothing_changes(self, actor, school, monkeypatch):
        monkeypatch.setattr(records, "record_act", _fail)

        with refused(RuntimeError):
            save_name(school, "杨柳青党校", actor)

        school.refresh_from_db()
        assert school.name == "杨柳青镇党校"

    def test_links_stand_in_the_same_entry(self, actor):
        course = Course.objects.create(
            code="G-09",
            title="网格",
            module=Module.objects.first(),
            strand="practice",
            hours=4,
        )
        first, second = (
            Instructor.objects.create(name=name, corps="professional", employer="区委党校")
            for name in ("李", "赵")
        )
        course.instructors.set([first])

        save_record(obj=course, by=actor, fields=["title"], links={"instructors": [first, second]})

        entry = AuditEntry.objects.get()
        assert entry.before == {"instructors": [first.pk]}
        assert entry.after == {"instructors": [first.pk, second.pk]}

    def test_a_row_that_is_gone_is_said_to_be(self, actor, school):
        copy = named(school, "别的")
        school.areas.all().delete()
        school.delete()

        with translation.override("en"), refused(RecordError, match="deleted meanwhile"):
            save_record(obj=copy, by=actor, fields=["name"])


class TestTwoPeople:
    FIELDS = ("name", "signature")

    def test_the_second_is_told_who_changed_what_and_nothing_is_lost(self, actor, school):
        seen = state_of(school, self.FIELDS)
        save_name(school, "第一稿", actor, seen=seen)

        with refused(RecordChangedError) as caught:
            save_name(school, "第二稿", actor, seen=seen)

        assert caught.value.stored.name == "第一稿"
        assert caught.value.differing == ["name"]
        assert caught.value.last.actor_name == "王芳"
        school.refresh_from_db()
        assert school.name == "第一稿"

    def test_the_same_form_sent_twice_is_one_change(self, actor, school):
        seen = state_of(school, self.FIELDS)
        assert save_name(school, "第一稿", actor, seen=seen)

        assert not save_name(school, "第一稿", actor, seen=seen)
        assert AuditEntry.objects.count() == 1

    def test_a_change_of_other_fields_is_no_clash(self, actor, school):
        seen = state_of(school, self.FIELDS)
        School.objects.filter(pk=school.pk).update(code="120111998")

        assert save_name(school, "第一稿", actor, seen=seen)
        school.refresh_from_db()
        assert school.code == "120111998"


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_wins_and_the_other_is_told():
    actor = factories.acting(factories.make_user())
    school = factories.make_school()
    seen = state_of(school, ["name", "signature"])
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def write(name: str) -> None:
        copy = named(school, name)
        barrier.wait()
        try:
            save_record(obj=copy, by=actor, fields=["name", "signature"], seen=seen)
            outcomes.append("stored")
        except RecordChangedError:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(name,)) for name in ("甲", "乙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["stored", "told"]
    assert AuditEntry.objects.count() == 1


class TestDeleting:
    def test_the_trail_keeps_what_the_row_said(self, actor, school):
        venue = make_venue(school)
        venue.save()
        key = venue.pk

        delete_record(obj=venue, by=actor, school_code=school.code)

        entry = AuditEntry.objects.get()
        assert (entry.act, entry.object_id, entry.after) == ("delete_record", str(key), None)
        assert entry.before["name"] == "报告厅"
        assert not Venue.objects.exists()

    def test_a_row_that_others_refer_to_stays_and_leaves_no_entry(self, actor, school):
        with translation.override("en"), refused(RecordError, match="Other records refer"):
            delete_record(obj=school, by=actor)

        assert School.objects.filter(pk=school.pk).exists()
        assert not AuditEntry.objects.exists()

    def test_append_only_rows_are_out_of_reach(self, actor, school):
        save_name(school, "别的", actor)
        entry = AuditEntry.objects.get()

        for call in (
            lambda: delete_record(obj=entry, by=actor),
            lambda: save_record(obj=entry, by=actor, fields=["act"]),
        ):
            with refused(TypeError, match="AuditEntry rows are append-only"):
                call()


class TestPersonalFields:
    def test_phones_are_masked_in_the_trail(self, actor):
        user = User(username="lilei", display_name="李磊", phone="13812345678")

        save_account(obj=user, by=actor, fields=["username"])

        after = AuditEntry.objects.get().after
        assert after["phone"] == "138****5678"
        assert "password" not in after

    def test_no_phone_no_mask(self):
        assert mask_phone(None) == mask_phone("") == ""

    def test_a_new_account_has_no_password_of_anybodys_making(self, actor):
        user = User(username="lilei", display_name="李磊")

        save_account(obj=user, by=actor, fields=["username"])

        user.refresh_from_db()
        assert not user.has_usable_password()

    def test_nobody_disables_himself(self, actor):
        copy = User.objects.get(pk=actor.user.pk)
        copy.is_active = False

        with refused(RecordError) as caught:
            save_account(obj=copy, by=actor, fields=["is_active"])

        assert caught.value.field == "is_active"


def test_a_locked_row_is_read_anew(db):
    school = factories.make_school()
    copy = named(school, "未存")

    with transaction.atomic():
        assert lock_row(copy).name == "杨柳青镇党校"


def _fail(**_facts):
    raise RuntimeError
