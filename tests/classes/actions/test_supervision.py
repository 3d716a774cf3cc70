"""A supervisor of the district school files notes; what is filed stands."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.enums import Role
from accounts.models import AuditEntry
from classes.actions.supervision import (
    Observation,
    discard_supervision_draft,
    file_supervision_note,
    save_supervision_draft,
)
from classes.errors import SupervisionError
from classes.models import SupervisionDraft, SupervisionNote
from config.lib.append_only import AppendOnlyError
from courses.models import Session
from tests import factories
from tests.connections import overlapping
from tests.factories import MORNING, NOON, ClassWorld

pytestmark = pytest.mark.django_db
SEEN = Observation(MORNING, "课堂秩序良好", "增加互动")


@pytest.fixture
def world():
    world = ClassWorld(size=1)
    world.supervisor = factories.make_user()
    factories.grant(world.supervisor, Role.DISTRICT_SCHOOL)
    return world


def file(world, seen=SEEN, *, seen_version=0, by=None, at=NOON):
    return file_supervision_note(
        session_id=world.session.pk,
        seen=seen,
        seen_version=seen_version,
        by=factories.acting(by or world.supervisor),
        at=at,
    )


def save(world, seen=SEEN, by=None):
    actor = factories.acting(by or world.supervisor)
    return save_supervision_draft(session_id=world.session.pk, seen=seen, by=actor, at=NOON)


class TestADraft:
    def test_is_written_over_until_it_is_filed(self, world):
        save(world, Observation(MORNING, ""))
        save(world)
        assert SupervisionDraft.objects.get().observed == "课堂秩序良好"

        file(world)

        assert not SupervisionDraft.objects.exists()

    def test_is_nobodys_but_its_supervisors(self, world):
        save(world)
        other = factories.make_user()
        factories.grant(other, Role.DISTRICT_SCHOOL)

        file(world, by=other)

        assert SupervisionDraft.objects.get().supervisor == world.supervisor

    def test_tells_the_trail_nothing_of_what_it_says(self, world):
        save(world)

        entry = AuditEntry.objects.get(act="save_supervision_draft")
        assert entry.after is None

    def test_is_thrown_away(self, world):
        save(world)
        by = factories.acting(world.supervisor)

        discard_supervision_draft(session_id=world.session.pk, by=by, at=NOON)

        assert not SupervisionDraft.objects.exists()
        assert AuditEntry.objects.filter(act="discard_supervision_draft").exists()


class TestAFiledNote:
    def test_says_what_was_observed(self, world):
        with pytest.raises(SupervisionError):
            file(world, Observation(MORNING, "  "))

    def test_is_amended_by_a_version_with_a_reason(self, world):
        first = file(world)
        with pytest.raises(SupervisionError) as refusal:
            file(world, seen_version=1)
        assert refusal.value.field == "reason"

        second = file(world, Observation(MORNING, "秩序一般", "", "记错班次"), seen_version=1)

        assert (first.version, second.version) == (1, 2)
        assert list(SupervisionNote.objects.current()) == [second]
        entry = AuditEntry.objects.get(act="amend_supervision_note")
        assert entry.before["observed"] == "课堂秩序良好"
        assert entry.after["reason"] == "记错班次"

    def test_is_never_changed(self, world):
        note = file(world)
        note.observed = "别的"

        with pytest.raises(AppendOnlyError):
            note.save()

    def test_is_not_amended_by_who_has_not_read_the_last_version(self, world):
        file(world)

        with pytest.raises(SupervisionError):
            file(world)

    @pytest.mark.parametrize("hours", [-3, 3])
    def test_is_of_a_visit_to_the_session(self, world, hours):
        with pytest.raises(SupervisionError) as refusal:
            file(world, Observation(MORNING + timedelta(hours=hours), "x"))

        assert refusal.value.field == "arrived"

    def test_is_of_a_visit_that_was_made(self, world):
        with pytest.raises(SupervisionError):
            file(world, at=MORNING - timedelta(hours=1))


class TestWho:
    @pytest.mark.parametrize("role", [Role.SCHOOL_CLERK, Role.SCHOOL_LEADER, Role.LIAISON_OFFICER])
    def test_people_of_a_school_do_not_supervise(self, world, role):
        person = factories.make_user()
        factories.grant(person, role, world.school)

        with pytest.raises(PermissionDenied):
            save(world, by=person)

    def test_the_organisation_department_reads_and_does_not_write(self, world):
        person = factories.make_user()
        factories.grant(person, Role.ORGANISATION_DEPARTMENT)

        with pytest.raises(PermissionDenied):
            file(world, by=person)

    def test_a_stranger_finds_no_session(self, world):
        with pytest.raises(Session.DoesNotExist):
            file(world, by=factories.make_user())


@pytest.mark.django_db(transaction=True)
def test_two_amendments_at_once_make_one_version(world):
    file(world)
    amended = Observation(MORNING, "秩序一般", "", "记错")

    def late():
        with pytest.raises(SupervisionError):
            file(world, amended, seen_version=1)

    overlapping(lambda: file(world, amended, seen_version=1), late)

    assert SupervisionNote.objects.count() == 2
