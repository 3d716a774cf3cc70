"""Two rows of one person become one: by two officers, with this year's hours, and apart again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from accounts.enums import Role
from accounts.models import AuditEntry, User
from config.lib.periods import at_local, period
from hours.models import CreditEntry
from hours.queries.ledger_check import list_findings
from rolls.actions.attendance import submit_roll
from studies.actions.studies import discard_study, submit_study
from studies.models import Study
from tests import factories
from tests.admin_pages import make_officer
from tests.evidence import study
from tests.factories import DAY, NOON, ClassWorld
from tests.refusals import refused
from trainees.actions.member_merges import merge_members, propose_merge, refuse_merge, undo_merge
from trainees.errors import MemberFactError
from trainees.models import Exemption, Member, Membership

pytestmark = pytest.mark.django_db

LATER = at_local(date(2026, 6, 1), 9)
JOINED, FULL = date(2012, 7, 1), date(2013, 7, 1)


class Twice:
    """One person in two rows, each with four hours of this year and of the year before."""

    def __init__(self) -> None:
        self.world = ClassWorld(size=2)
        self.kept, self.given_up = self.world.members
        self.officers = [
            factories.acting(make_officer(Role.ORGANISATION_DEPARTMENT)) for _ in range(2)
        ]
        for day in (date(2025, 5, 20), DAY):
            for hour, member in ((9, self.kept), (14, self.given_up)):
                training_class = factories.make_class(self.world.school)
                factories.enrol(training_class, member)
                session = factories.make_session(training_class, starts_at=at_local(day, hour))
                submit_roll(
                    session_id=session.pk,
                    marks={member.pk: "present"},
                    seen={},
                    by=self.world.by,
                    at=at_local(day, 20),
                )

    def propose(self, by=0, **kwargs):
        return propose_merge(
            kept_id=kwargs.get("kept", self.kept).pk,
            given_up_id=kwargs.get("given_up", self.given_up).pk,
            reason=kwargs.get("reason", "同一人，两次登记"),
            by=self.officers[by],
            at=NOON,
        )

    def describe(self, member, **facts):
        Member.objects.filter(pk=member.pk).update(**facts)
        member.refresh_from_db()

    def merge(self):
        merge = self.propose()
        moved = merge_members(merge_id=merge.pk, by=self.officers[1], at=LATER)
        self.kept.refresh_from_db()
        self.given_up.refresh_from_db()
        return merge, moved

    def hours(self, member, year):
        return CreditEntry.objects.filter(member=member, credit_year=year).sum_hours()


@pytest.fixture
def twice():
    return Twice()


class TestMerging:
    def test_moves_the_hours_of_this_year_and_leaves_those_of_past_years(self, twice):
        _, moved = twice.merge()

        assert moved.facts == {"entries": 1, "hours": "4.00"}
        assert (twice.hours(twice.kept, 2026), twice.hours(twice.given_up, 2026)) == (8, 0)
        assert (twice.hours(twice.kept, 2025), twice.hours(twice.given_up, 2025)) == (4, 4)
        assert not list_findings()

    def test_keeps_within_the_caps(self, twice):
        """The person who was there twice at one time was there once."""
        training_class = factories.make_class(twice.world.school)
        factories.enrol(training_class, twice.kept, twice.given_up)
        session = factories.make_session(training_class, starts_at=at_local(DAY, 18), hours="3")
        submit_roll(
            session_id=session.pk,
            marks={twice.kept.pk: "present", twice.given_up.pk: "present"},
            seen={},
            by=twice.world.by,
            at=at_local(DAY, 22),
        )
        assert twice.hours(twice.kept, 2026) == twice.hours(twice.given_up, 2026) == 7

        twice.merge()

        assert twice.hours(twice.kept, 2026) == Decimal(8)
        assert not list_findings()

    def test_ends_what_is_said_of_the_row_that_is_given_up(self, twice):
        factories.exempt(twice.given_up)
        twice.merge()

        ends = [
            fact.period.upper
            for model in (Membership, Exemption)
            for fact in model.objects.filter(member=twice.given_up)
        ]
        assert ends == [date(2026, 1, 1)] * 2
        assert twice.kept.exemptions.get().period == period(date(2026, 1, 1))
        assert twice.given_up.merged_into == twice.kept
        assert twice.given_up.merged_year == 2026

    def test_passes_the_account_on(self, twice):
        user = factories.make_user()
        twice.given_up.user = user
        twice.given_up.save()

        twice.merge()

        user.refresh_from_db()
        assert (twice.kept.user, twice.given_up.user) == (user, None)
        assert user.session_epoch == 1

    def test_disables_an_account_that_is_one_too_many(self, twice):
        kept_account, other = factories.make_user(), factories.make_user()
        twice.kept.user, twice.given_up.user = kept_account, other
        twice.kept.save()
        twice.given_up.save()

        twice.merge()

        other.refresh_from_db()
        assert (twice.kept.user, other.is_active) == (kept_account, False)

    def test_is_for_somebody_else_than_the_proposer(self, twice):
        merge = twice.propose()

        with refused(MemberFactError):
            merge_members(merge_id=merge.pk, by=twice.officers[0], at=LATER)

    def test_is_for_the_organisation_department(self, twice):
        with refused(PermissionDenied):
            propose_merge(
                kept_id=twice.kept.pk,
                given_up_id=twice.given_up.pk,
                reason="同一人",
                by=twice.world.by,
                at=NOON,
            )

    def test_happens_once(self, twice):
        merge, _ = twice.merge()

        with refused(MemberFactError):
            merge_members(merge_id=merge.pk, by=twice.officers[1], at=LATER)
        with refused(Member.DoesNotExist):
            twice.propose()

    def test_makes_no_chains(self, twice):
        """The person who was merged into stays the one that is kept."""
        twice.merge()
        third = factories.make_member(twice.world.organisation)

        with refused(MemberFactError):
            twice.propose(kept=third, given_up=twice.kept)
        assert twice.propose(given_up=third).state == "proposed"

    def test_is_proposed_once_for_two_rows_whichever_is_kept(self, twice):
        twice.propose()

        for kept, given_up in ((twice.kept, twice.given_up), (twice.given_up, twice.kept)):
            with refused(MemberFactError, match=twice.kept.number):
                twice.propose(kept=kept, given_up=given_up)

    def test_waits_for_another_that_takes_a_row_away(self, twice):
        """A row that is given up is kept in no other proposal; several may go into one."""
        third, fourth = (factories.make_member(twice.world.organisation) for _ in range(2))
        twice.propose()

        for kept, given_up in (
            (third, twice.given_up),
            (twice.given_up, third),
            (third, twice.kept),
        ):
            with refused(MemberFactError, match=twice.given_up.number):
                twice.propose(kept=kept, given_up=given_up)
        assert twice.propose(given_up=fourth).state == "proposed"

    def test_fills_what_is_empty_in_the_row_that_is_kept(self, twice):
        twice.describe(twice.kept, phone="13800000001", joined_on=None, full_member_on=None)
        twice.describe(twice.given_up, phone="13800000002", joined_on=JOINED, full_member_on=FULL)

        merge, _ = twice.merge()

        assert (twice.kept.phone, twice.kept.joined_on) == ("13800000001", JOINED)
        assert twice.kept.full_member_on == FULL
        entry = AuditEntry.objects.about(twice.kept).filter(act="change_record").get()
        assert entry.after == {"joined_on": "2012-07-01", "full_member_on": "2013-07-01"}

        undo_merge(merge_id=merge.pk, reason="两个人", by=twice.officers[0], at=LATER)

        twice.kept.refresh_from_db()
        assert (twice.kept.joined_on, twice.kept.full_member_on) == (None, None)
        assert twice.kept.phone == "13800000001"

    def test_takes_back_no_field_that_was_corrected_since(self, twice):
        twice.describe(twice.kept, phone="")
        twice.describe(twice.given_up, phone="13800000002")
        merge, _ = twice.merge()
        twice.describe(twice.kept, phone="13800000003")

        undo_merge(merge_id=merge.pk, reason="两个人", by=twice.officers[0], at=LATER)

        twice.kept.refresh_from_db()
        assert twice.kept.phone == "13800000003"

    def test_fills_in_no_day_that_contradicts_the_row_that_is_kept(self, twice):
        twice.describe(twice.kept, joined_on=None, full_member_on=date(2011, 7, 1))
        twice.describe(twice.given_up, joined_on=JOINED, full_member_on=FULL)

        twice.merge()

        assert (twice.kept.joined_on, twice.kept.full_member_on) == (None, date(2011, 7, 1))

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_needs_a_reason(self, twice, reason):
        with refused(MemberFactError):
            twice.propose(reason=reason)

    def test_stands_in_the_trail(self, twice):
        twice.merge()

        entry = AuditEntry.objects.get(act="merge_members")
        assert entry.after["kept"] == twice.kept.number
        assert (entry.after["entries"], entry.after["hours"]) == (1, "4.00")


class TestOpenDeclarations:
    """Made with the account that a merge closes: the person goes on with them with the other."""

    @pytest.fixture
    def accounts(self, twice):
        for member in (twice.kept, twice.given_up):
            member.user = factories.make_user()
            member.save()
        return twice.kept.user, twice.given_up.user

    def declare(self, member, by, state="draft", kind="online_study"):
        organisation = member.memberships.get().organisation
        declared = Study.objects.create(
            organisation=organisation,
            kind=kind,
            topic="网课",
            held_on=DAY,
            minutes=60,
            state=state,
            round=int(state != "draft"),
            source=factories.make_source("study") if state == "approved" else None,
            recorded_at=NOON,
            recorded_by=by,
        )
        declared.participants.create(member=member, organisation=organisation)
        return declared

    def test_go_to_the_account_that_stays_and_back(self, twice, accounts):
        stays, closed = accounts
        declared = [self.declare(twice.given_up, closed, state) for state in ("draft", "submitted")]
        left = [
            self.declare(twice.given_up, closed, "approved"),
            self.declare(twice.given_up, twice.world.clerk),
            self.declare(factories.make_member(twice.world.organisation), closed),
            self.declare(twice.given_up, closed, kind="themed_day"),
        ]
        before = [study.recorded_by for study in left]
        merge, _ = twice.merge()

        for declaration in [*declared, *left]:
            declaration.refresh_from_db()
        assert [study.recorded_by for study in declared] == [stays, stays]
        assert [study.recorded_by for study in left] == before
        keys = AuditEntry.objects.get(act="merge_members").after["declarations"]
        assert sorted(keys) == [study.pk for study in declared]

        undo_merge(merge_id=merge.pk, reason="两个人", by=twice.officers[0], at=LATER)
        for declaration in declared:
            declaration.refresh_from_db()
        assert [study.recorded_by for study in declared] == [closed, closed]

    def test_that_became_the_kept_rows_own_stay_with_its_account(self, twice, accounts):
        stays, closed = accounts
        declared = self.declare(twice.given_up, closed)
        merge, _ = twice.merge()
        declared.participants.update(member=twice.kept)

        undo_merge(merge_id=merge.pk, reason="两个人", by=twice.officers[0], at=LATER)

        declared.refresh_from_db()
        assert declared.recorded_by == stays
        assert "declarations" not in AuditEntry.objects.get(act="undo_merge").after

    def test_of_somebody_else_are_handed_in_by_nobody(self, twice, accounts):
        declared = self.declare(twice.given_up, accounts[0])

        with refused(PermissionDenied):
            submit_study(
                study_id=declared.pk, seen_version=1, by=factories.acting(accounts[0]), at=LATER
            )

    def test_that_were_thrown_away_since_are_in_no_way(self, twice, accounts):
        declared = self.declare(twice.given_up, accounts[1])
        merge, _ = twice.merge()
        discard_study(
            study_id=declared.pk, seen_version=1, by=factories.acting(accounts[0]), at=LATER
        )

        undo_merge(merge_id=merge.pk, reason="两个人", by=twice.officers[0], at=LATER)
        assert not Study.objects.exists()


class TestRefusing:
    def test_leaves_two_people(self, twice):
        merge = twice.propose()

        refuse_merge(merge_id=merge.pk, answer="同名同生日", by=twice.officers[1], at=LATER)

        merge.refresh_from_db()
        assert (merge.state, merge.answer) == ("refused", "同名同生日")
        assert twice.hours(twice.given_up, 2026) == 4
        assert twice.propose().pk != merge.pk


class TestTakingApart:
    def test_gives_both_rows_their_own_again(self, twice):
        user = factories.make_user()
        twice.given_up.user = user
        twice.given_up.save()
        merge, _ = twice.merge()

        undo_merge(merge_id=merge.pk, reason="两个人", by=twice.officers[0], at=LATER)

        twice.kept.refresh_from_db()
        twice.given_up.refresh_from_db()
        assert (twice.hours(twice.kept, 2026), twice.hours(twice.given_up, 2026)) == (4, 4)
        assert (twice.kept.user, twice.given_up.user) == (None, user)
        assert twice.given_up.merged_into is None
        assert Membership.objects.filter(member=twice.given_up, period__contains=LATER.date())
        assert not list_findings()

    def test_opens_the_account_that_the_merge_closed(self, twice):
        user = factories.make_user()
        twice.describe(twice.given_up, user=user)
        twice.describe(twice.kept, user=factories.make_user())
        merge, _ = twice.merge()

        undo_merge(merge_id=merge.pk, reason="两个人", by=twice.officers[0], at=LATER)

        user.refresh_from_db()
        assert user.is_active

    @pytest.mark.parametrize(
        ("kept_has_one", "when"), [(True, "before"), (False, "before"), (False, "after")]
    )
    def test_opens_none_that_an_administrator_disabled(self, twice, kept_has_one, when):
        user = factories.make_user()
        disable = partial(User.objects.filter(pk=user.pk).update, is_active=False)
        twice.describe(twice.given_up, user=user)
        if kept_has_one:
            twice.describe(twice.kept, user=factories.make_user())
        if when == "before":
            disable()
        merge, _ = twice.merge()
        if when == "after":
            disable()

        undo_merge(merge_id=merge.pk, reason="两个人", by=twice.officers[0], at=LATER)

        user.refresh_from_db()
        assert not user.is_active
        assert Member.objects.get(user=user) == twice.given_up

    def test_leaves_the_kept_row_its_own_part_of_a_study_of_both(self, twice):
        """Recorded while they were one row, it counted once; apart it is each one's own."""
        merge, _ = twice.merge()
        before = twice.hours(twice.kept, 2026)
        study(
            twice.world.organisation,
            twice.kept,
            twice.given_up,
            on=date(2026, 5, 30),
            school=twice.world.school,
        )
        assert twice.hours(twice.kept, 2026) == before + 2

        undo_merge(merge_id=merge.pk, reason="两个人", by=twice.officers[0], at=LATER)

        assert (twice.hours(twice.kept, 2026), twice.hours(twice.given_up, 2026)) == (6, 6)
        assert not list_findings()

    def test_needs_a_reason(self, twice):
        merge, _ = twice.merge()

        with refused(MemberFactError):
            undo_merge(merge_id=merge.pk, reason=" ", by=twice.officers[0], at=LATER)
        assert twice.hours(twice.kept, 2026) == 8


class TestARollAfterwards:
    def test_posts_to_the_row_that_is_kept(self, twice):
        training_class = factories.make_class(twice.world.school)
        factories.enrol(training_class, twice.given_up)
        twice.merge()
        session = factories.make_session(
            training_class, starts_at=at_local(date(2026, 6, 2), 9), hours="3"
        )

        submit_roll(
            session_id=session.pk,
            marks={twice.given_up.pk: "present"},
            seen={},
            by=twice.world.by,
            at=at_local(date(2026, 6, 2), 20),
        )

        assert (twice.hours(twice.kept, 2026), twice.hours(twice.given_up, 2026)) == (11, 0)
        assert not list_findings()

    def test_is_corrected_there(self, twice):
        mark = twice.given_up.attendances.get(session__held_on=DAY)
        twice.merge()

        factories.correct_mark(mark, "absent", by=twice.world.by, at=at_local(DAY, 23))

        assert twice.hours(twice.kept, 2026) == 4
        assert not list_findings()
