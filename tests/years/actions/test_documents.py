"""Documents: numbered without a gap, never changed, one valid, replaced or revoked."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, connection
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from accounts.trail import list_trail, trail_filters
from backstage.models import StoredFile
from config.lib.append_only import AppendOnlyError
from config.lib.database_roles import as_owner, has_two_roles
from config.lib.filters import ListRequest
from config.lib.periods import at_local, period
from rolls.actions.attendance import submit_roll
from tests import factories
from tests.connections import together
from tests.factories import DAY, NOON, ClassWorld, acting, give_role, make_member
from tests.refusals import refused
from trainees.models import Member, Membership
from years.actions.documents import issue_document, open_document, revoke_document
from years.documents import is_intact
from years.enums import DocumentKind, DocumentState
from years.errors import PaperError
from years.models import DocumentRevocation, IssuedDocument

RECORD, CERTIFICATE = DocumentKind.YEAR_RECORD, DocumentKind.CERTIFICATE
CHECK = "https://xuetang.example/check/"


class World(ClassWorld):
    """A member with four hours and an account, and one who has neither."""

    def __init__(self) -> None:
        super().__init__(size=2)
        self.member, self.other = self.members
        self.member.user = factories.make_user()
        self.member.save()
        marks = self.marks("present", "absent")
        submit_roll(session_id=self.session.pk, marks=marks, seen={}, by=self.by, at=NOON)

    def issue(self, member: Member | None = None, **changes) -> IssuedDocument:
        values = {
            "member_id": (member or self.member).pk,
            "kind": RECORD,
            "year": DAY.year,
            "check_address": CHECK,
            "by": self.by,
            "at": NOON,
        }
        return issue_document(**values | changes)


@pytest.fixture
def world(db):
    return World()


def person(role: Role, organisation) -> factories.User:
    user = factories.make_user()
    give_role(user, role, organisation)
    return user


def state_of(document: IssuedDocument) -> str:
    return IssuedDocument.objects.with_state().get(pk=document.pk).state


class TestIssuing:
    def test_states_the_year_as_it_stands_and_keeps_the_paper_sealed(self, world):
        document = world.issue()

        assert document.facts == {
            "name": "张伟",
            "member_number": world.member.number,
            "organisation": world.organisation.name,
            "school": world.school.name,
            "as_of": "2026-05-20",
            "language": "zh-hans",
            "hours": {"concentrated": "4.00", "collective": "0.00"},
            "done": "4.00",
            "verdict": "not_yet_due",
            "owed": "32.00",
            "trainings_left": 0,
            "exemption": None,
            "membership_status": "normal",
            "rule": ["every_member", 1, document.facts["rule"][2]],
            "lines": 1,
        }
        assert open_document(document).startswith(b"%PDF")
        assert is_intact(IssuedDocument.objects.get())
        assert document.file.expires_at is None
        (path,) = Path(settings.MEDIA_ROOT).iterdir()
        assert not path.read_bytes().startswith(b"%PDF")

    @pytest.mark.parametrize("kind", DocumentKind)
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_is_written_in_the_readers_language(self, world, kind, language):
        with translation.override(language):
            document = world.issue(kind=kind)

        assert document.facts["language"] == language
        assert open_document(document).startswith(b"%PDF")

    @pytest.mark.parametrize("name", ["𠮷田", "㐂", "阿依古丽·买买提"])
    def test_sets_rare_characters(self, world, name):
        Member.objects.filter(pk=world.member.pk).update(name=name)

        assert world.issue(kind=CERTIFICATE).facts["name"] == name

    def test_a_sign_without_a_font_issues_nothing(self, world):
        Member.objects.filter(pk=world.member.pk).update(name="张\ue000")

        with refused(PaperError, match=r"U\+E000"):
            world.issue()
        assert not IssuedDocument.objects.exists()
        assert not StoredFile.objects.exists()

    def test_numbers_run_on_within_the_year_of_issue_whatever_the_kind(self, world):
        next_year = at_local(date(2027, 1, 1), 0)
        issued = [
            world.issue(),
            world.issue(kind=CERTIFICATE),
            world.issue(world.other),
            world.issue(at=next_year - timedelta(seconds=1)),
            world.issue(at=next_year),
        ]

        assert [document.number for document in issued] == [
            "XQ-2026-000001",
            "XQ-2026-000002",
            "XQ-2026-000003",
            "XQ-2026-000004",
            "XQ-2027-000001",
        ]

    def test_what_fails_leaves_no_gap(self, world):
        world.issue()
        with refused(PaperError):
            world.issue(world.other, kind=CERTIFICATE)

        assert world.issue().number == "XQ-2026-000002"

    def test_a_new_one_replaces_the_old_of_its_kind_and_year_alone(self, world):
        old, certificate, past = (
            world.issue(),
            world.issue(kind=CERTIFICATE),
            world.issue(year=DAY.year - 1),
        )
        others = world.issue(world.other)
        new = world.issue(at=NOON + timedelta(days=1))

        assert state_of(old) == DocumentState.REPLACED
        assert IssuedDocument.objects.with_state().get(pk=old.pk).replaced_at == new.issued_at
        assert {state_of(document) for document in (new, certificate, past, others)} == {
            DocumentState.VALID
        }

    def test_two_papers_never_bear_the_same_code(self, world):
        assert world.issue().code_fingerprint != world.issue().code_fingerprint

    def test_stands_in_the_trail_with_number_and_predecessor(self, world):
        first, second = world.issue(), world.issue()

        entry = AuditEntry.objects.about(second).get()
        assert (entry.act, entry.object_label) == ("issue_document", second.number)
        assert entry.after["replaces"] == first.number
        assert entry.after["member"] == world.member.pk

    def test_certifies_no_empty_year(self, world):
        with refused(PaperError, match="2026"):
            world.issue(world.other, kind=CERTIFICATE)
        assert world.issue(world.other).facts["lines"] == 1  # the absence

    def test_records_no_year_of_which_nothing_is_known(self, world):
        Membership.objects.filter(member=world.other).update(period=period(date(2026, 1, 1)))

        with refused(PaperError):
            world.issue(world.other, year=2025)


def test_a_members_number_finds_them_in_the_trail(world):
    department = acting(person(Role.ORGANISATION_DEPARTMENT, world.organisation))
    for member in world.members:
        world.issue(member, by=department)

    asked = ListRequest(department.user, {"object": world.member.number}, NOON)
    entries = list_trail(asked, trail_filters(asked)).values_list("act", "object_type")
    assert list(entries) == [("issue_document", "years.issueddocument")]


class TestWhoMayIssue:
    @pytest.mark.parametrize(
        "role",
        [Role.ORGANISATION_DEPARTMENT, Role.ORGANISATION_COMMISSIONER, Role.BRANCH_SECRETARY],
    )
    def test_the_person_who_serves_the_member(self, world, role):
        by = acting(person(role, world.organisation))

        assert world.issue(by=by).issued_by == by.user

    def test_the_member_for_himself(self, world):
        assert world.issue(by=acting(world.member.user)).issued_by == world.member.user

    def test_also_a_member_who_has_left(self, world):
        Membership.objects.update(period=period(factories.START, DAY))

        assert world.issue(by=acting(world.member.user))

    @pytest.mark.parametrize(
        "role", [Role.SCHOOL_LEADER, Role.DISTRICT_SCHOOL, Role.LIAISON_OFFICER, Role.MEMBER]
    )
    def test_nobody_who_only_reads(self, world, role):
        by = acting(person(role, world.organisation))

        with refused(PaperError):
            world.issue(by=by)

    def test_no_clerk_or_secretary_of_others(self, world):
        elsewhere = factories.make_organisation(factories.make_school("120111005", "津门湖街道"))
        for role in (Role.SCHOOL_CLERK, Role.BRANCH_SECRETARY, Role.ORGANISATION_COMMISSIONER):
            with refused(PaperError):
                world.issue(by=acting(person(role, elsewhere)))

    def test_no_secretary_whose_post_has_ended(self, world):
        secretary = person(Role.BRANCH_SECRETARY, world.organisation)
        secretary.member.posts.update(period=period(factories.START, DAY))

        with refused(PaperError):
            world.issue(by=acting(secretary))


class TestAnIssuedRow:
    def test_is_not_changed_through_the_model(self, world):
        document = world.issue()

        with pytest.raises(AppendOnlyError):
            document.save()
        with pytest.raises(AppendOnlyError):
            document.delete()

    def test_that_was_changed_behind_our_back_is_shown_to_nobody(self, world):
        document = world.issue()
        document.facts["done"] = "40.00"

        with pytest.raises(PaperError):
            open_document(document)

    def test_whose_paper_was_exchanged_is_shown_to_nobody(self, world):
        first, second = world.issue(), world.issue()
        Path(settings.MEDIA_ROOT, str(first.file.key)).write_bytes(
            Path(settings.MEDIA_ROOT, str(second.file.key)).read_bytes()
        )

        with pytest.raises(PaperError):
            open_document(first)

    def test_whose_paper_is_gone_says_so(self, world):
        document = world.issue()
        Path(settings.MEDIA_ROOT, str(document.file.key)).unlink()

        with pytest.raises(PaperError):
            open_document(document)

    def test_keeps_its_file(self, world):
        document = world.issue()

        with refused(IntegrityError), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM backstage_storedfile WHERE id = {document.file_id}")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
def test_neither_the_application_nor_the_owner_changes_an_issued_row():
    world = World()
    document = world.issue()
    update = "UPDATE years_issueddocument SET facts = '{}'"

    with refused(Exception, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(update)
    with as_owner():
        for statement in (update, "DELETE FROM years_issueddocument"):
            with refused(IntegrityError, match="append-only"), connection.cursor() as cursor:
                cursor.execute(statement)

    assert IssuedDocument.objects.get().facts == document.facts


class TestRevoking:
    def revoke(self, world, document, by=None):
        return revoke_document(
            document_id=document.pk, reason="姓名有误", by=by or world.by, at=NOON
        )

    def test_ends_a_valid_one_for_a_reason(self, world):
        document = world.issue()
        self.revoke(world, document)

        assert state_of(document) == DocumentState.REVOKED
        entry = AuditEntry.objects.about(document).filter(act="revoke_document").get()
        assert entry.after["reason"] == "姓名有误"

    def test_stays_said_after_the_next_one_was_issued(self, world):
        document = world.issue()
        self.revoke(world, document)
        new = world.issue()

        assert (state_of(document), state_of(new)) == ("revoked", "valid")

    def test_is_refused_for_what_was_replaced_or_revoked(self, world):
        old = world.issue()
        new = world.issue()
        with refused(PaperError):
            self.revoke(world, old)
        self.revoke(world, new)
        with refused(PaperError):
            self.revoke(world, new)

    def test_by_the_department_and_the_clerk_alone(self, world):
        document = world.issue()
        for role in (Role.BRANCH_SECRETARY, Role.ORGANISATION_COMMISSIONER):
            with refused(PaperError):
                self.revoke(world, document, acting(person(role, world.organisation)))
        with refused(PaperError):
            self.revoke(world, document, acting(world.member.user))
        elsewhere = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))
        with refused(PaperError):
            self.revoke(world, document, acting(elsewhere))

        department = person(Role.ORGANISATION_DEPARTMENT, world.organisation)
        assert self.revoke(world, document, acting(department))


class TestOfARowThatWasMerged:
    @pytest.fixture
    def paper(self, world):
        """Issued before the other member turned out to be the first one."""
        paper = world.issue(world.other)
        Membership.objects.filter(member=world.other).update(period=period(factories.START, DAY))
        Member.objects.filter(pk=world.other.pk).update(
            merged_into=world.member, merged_year=DAY.year
        )
        return paper

    def test_documents_are_seen_and_revoked_where_the_kept_row_is(self, world, paper):
        assert paper in IssuedDocument.objects.of_member(world.member)
        for user in (world.clerk, world.member.user):
            assert paper in IssuedDocument.objects.visible_to(user, DAY)

        revoke_document(document_id=paper.pk, reason="并户", by=world.by, at=NOON)
        assert state_of(paper) == DocumentState.REVOKED

    def test_no_more_are_issued(self, world, paper):
        department = person(Role.ORGANISATION_DEPARTMENT, world.organisation)

        with refused(PaperError, match="并入"):
            world.issue(world.other, by=acting(department))


@pytest.mark.django_db(transaction=True)
class TestAtTheSameTime:
    def test_numbers_have_no_gap_and_one_is_valid(self):
        world = World()
        members = [world.member, *(make_member(world.organisation) for _ in range(3))]

        together(*[lambda m=member: world.issue(m) for member in members for _ in range(3)])

        serials = IssuedDocument.objects.order_by("serial").values_list("serial", flat=True)
        assert list(serials) == list(range(1, 13))
        valid = IssuedDocument.objects.with_state().filter(state=DocumentState.VALID)
        assert sorted(valid.values_list("member_id", flat=True)) == sorted(m.pk for m in members)

    def test_one_is_revoked_once(self):
        world = World()
        document = world.issue()

        def revoke() -> bool:
            try:
                revoke_document(document_id=document.pk, reason="x", by=world.by, at=NOON)
            except PaperError:
                return False
            return True

        assert sorted(together(revoke, revoke)) == [False, True]
        assert DocumentRevocation.objects.count() == 1
