"""Who may issue whose slips, and the accounts that come with them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.audit import find_broken_digests
from accounts.enums import CodeEnd, Role
from accounts.models import ActivationCode, AuditEntry, SlipBatch, User
from config.lib.periods import local_date, period
from instructors.models import Instructor
from instructors.records import save_instructor
from schools.models import Organisation, Placement, RoleGrant
from schools.records import save_role_grant
from tests import factories
from tests.admin_pages import make_officer
from tests.factories import NOON, give_role, make_leader, make_member, make_user
from tests.refusals import refused
from trainees.actions.people import appoint_to_post
from trainees.actions.slips import issue_member_slips, issue_staff_slip
from trainees.enums import PostKind
from trainees.errors import SlipError
from trainees.models import Member, Membership, Post
from trainees.queries.slips import list_slips
from trainees.records import save_post

TODAY = local_date(NOON)


@pytest.fixture
def school(db):
    return factories.make_school()


@pytest.fixture
def branch(school):
    return factories.make_organisation(school)


@pytest.fixture
def clerk(school):
    return factories.make_clerk(school)


def issue(by: User, *members: Member, **kwargs):
    return issue_member_slips(
        member_ids=[member.pk for member in members],
        key=kwargs.pop("key", uuid4()),
        by=factories.acting(by),
        at=NOON,
    )


def holder(role: Role, organisation: Organisation) -> User:
    user = make_user()
    give_role(user, role, organisation)
    return user


class TestScope:
    """A member here, one in the neighbouring branch, and one of another school."""

    @pytest.fixture
    def members(self, school, branch):
        neighbour = factories.make_organisation(school, "第二党支部")
        elsewhere = factories.make_organisation(factories.make_school("120111005", "津门湖街道"))
        return [make_member(organisation) for organisation in (branch, neighbour, elsewhere)]

    @pytest.mark.parametrize(
        ("role", "served"),
        [
            (Role.BRANCH_SECRETARY, [True, False, False]),
            (Role.ORGANISATION_COMMISSIONER, [True, False, False]),
            (Role.SCHOOL_CLERK, [True, True, False]),
            (Role.ORGANISATION_DEPARTMENT, [True, True, True]),
            (Role.SCHOOL_LEADER, [False, False, False]),
            (Role.LIAISON_OFFICER, [False, False, False]),
            (Role.DISTRICT_SCHOOL, [False, False, False]),
            (Role.SECURITY_ADMINISTRATOR, [False, False, False]),
            (Role.MEMBER, [False, False, False]),
            (Role.PAYER, [False, False, False]),
        ],
    )
    def test_by_role(self, branch, members, role, served):
        user = holder(role, branch)
        for member, may in zip(members, served, strict=True):
            if may:
                issue(user, member)
            else:
                with refused(SlipError):
                    issue(user, member)

    def test_a_commissioner_serves_the_branches_right_below_too(self, branch, members):
        branch_id = members[1].memberships.get().organisation_id
        Placement.objects.filter(organisation=branch_id).update(parent=branch)

        issue(holder(Role.ORGANISATION_COMMISSIONER, branch), members[1])

        members[1].refresh_from_db()
        assert members[1].user is not None

    def test_one_of_another_school_spoils_the_whole_batch(self, clerk, members):
        with refused(SlipError):
            issue(clerk, *members)

        assert not ActivationCode.objects.exists()
        assert not AuditEntry.objects.exists()

    def test_a_former_secretary_serves_nobody(self, branch, members):
        leader = make_leader(branch)
        leader.user = make_user()
        leader.save()
        issue(leader.user, members[0])
        leader.posts.update(period=period(factories.START, TODAY))

        with refused(SlipError):
            issue(leader.user, members[0])

    def test_nor_does_anybody_a_member_who_has_left(self, clerk, members):
        Membership.objects.filter(member=members[0]).update(period=period(factories.START, TODAY))

        with refused(SlipError):
            issue(clerk, members[0])


class TestStaff:
    """The person who could print the slip of an officer could become that officer."""

    def member_with(self, branch, role):
        member = make_member(branch)
        member.user = make_officer(role)
        member.save()
        return member

    @pytest.mark.parametrize(
        "role", [Role.SCHOOL_CLERK, Role.ORGANISATION_DEPARTMENT, Role.PAYER, Role.LIAISON_OFFICER]
    )
    def test_a_clerk_issues_none_for_the_person_who_holds_a_role(self, clerk, branch, role):
        with refused(SlipError):
            issue(clerk, self.member_with(branch, role))

    @pytest.mark.parametrize("role", [Role.BRANCH_SECRETARY, Role.ORGANISATION_COMMISSIONER])
    @pytest.mark.parametrize("lasting", [period(factories.START), period(TODAY + timedelta(1))])
    def test_a_secretary_none_for_a_secretary_elsewhere(self, school, branch, clerk, role, lasting):
        member = make_member(branch)
        member.user = make_user()
        member.save()
        neighbour = factories.make_organisation(school, "第二党支部")
        post = Post.objects.create(
            member=member, organisation=neighbour, kind=PostKind.SECRETARY, period=lasting
        )
        issuer = holder(role, branch)

        with refused(SlipError):
            issue(issuer, member)
        issue(clerk, member)
        post.organisation = branch
        post.save()
        issue(issuer, member)

    def test_a_secretary_none_for_a_lecturer(self, branch, clerk):
        member = make_member(branch)
        member.user = make_officer(Role.LECTURER)
        member.save()

        with refused(SlipError):
            issue(holder(Role.BRANCH_SECRETARY, branch), member)
        issue(clerk, member)

    def test_nor_for_the_person_who_will_hold_one(self, clerk, branch):
        member = make_member(branch)
        member.user = make_user()
        member.save()
        tomorrow = TODAY + timedelta(days=1)
        factories.grant(member.user, Role.AUDIT_ADMINISTRATOR, period=period(tomorrow))

        with refused(SlipError):
            issue(clerk, member)

    def test_but_for_the_person_who_held_one_long_ago(self, clerk, branch):
        member = self.member_with(branch, Role.ORGANISATION_DEPARTMENT)
        member.user.role_grants.update(period=period(factories.START, TODAY))

        issue(clerk, member)

    @pytest.mark.parametrize(
        "role",
        [
            Role.SCHOOL_CLERK,
            Role.PAYER,
            Role.APPROVER,
            Role.ORGANISATION_DEPARTMENT,
            Role.SECURITY_ADMINISTRATOR,
        ],
    )
    def test_nor_does_the_organisation_department(self, branch, role):
        with refused(SlipError):
            issue(make_officer(Role.ORGANISATION_DEPARTMENT), self.member_with(branch, role))


class TestNewRole:
    """A slip that a clerk has printed does not become the slip of an officer."""

    @pytest.fixture
    def member(self, clerk, branch):
        member = make_member(branch)
        issue(clerk, member)
        member.refresh_from_db()
        return member

    @pytest.fixture
    def by(self):
        return factories.acting(make_officer(Role.SECURITY_ADMINISTRATOR))

    def is_open(self, member):
        return ActivationCode.objects.open_at(NOON).filter(user=member.user).exists()

    def test_ends_the_open_code(self, member, by):
        grant = RoleGrant(user=member.user, role=Role.DISTRICT_SCHOOL, period=period(TODAY))

        save_role_grant(obj=grant, by=by, fields=[])

        assert ActivationCode.objects.get(user=member.user).ended_by == CodeEnd.NEW_ROLE

    def test_so_does_a_longer_one(self, member, by):
        last = period(factories.START, TODAY)
        grant = factories.grant(member.user, Role.DISTRICT_SCHOOL, period=last)
        grant.period = period(factories.START)

        save_role_grant(obj=grant, by=by, fields=["period"])

        assert not self.is_open(member)

    def test_a_grant_that_stays_as_it_was_ends_none(self, member, by):
        grant = factories.grant(member.user, Role.DISTRICT_SCHOOL)

        save_role_grant(obj=grant, by=by, fields=["period"])

        assert self.is_open(member)

    def test_the_slip_is_not_printed_again(self, clerk, member):
        batch = SlipBatch.objects.get()
        assert list_slips(clerk, batch, NOON)

        factories.grant(member.user, Role.DISTRICT_SCHOOL)

        assert not list_slips(clerk, batch, NOON)

    @pytest.mark.parametrize("by_form", [True, False])
    def test_a_post_as_secretary_ends_the_code(self, member, branch, by, by_form):
        post = {"organisation": branch, "kind": PostKind.SECRETARY}
        if by_form:
            appoint_to_post(member_id=member.pk, on=TODAY, by=by, at=NOON, **post)
        else:
            save_post(
                obj=Post(member=member, period=period(TODAY), **post), by=by, at=NOON, fields=[]
            )

        assert not self.is_open(member)

    def test_another_post_ends_none(self, member, branch, by):
        appoint_to_post(
            member_id=member.pk,
            organisation=branch,
            kind=next(kind for kind in PostKind if kind != PostKind.SECRETARY),
            on=TODAY,
            by=by,
            at=NOON,
        )

        assert self.is_open(member)

    def test_becoming_a_lecturer_ends_the_code(self, member, by):
        lecturer = Instructor(name="张伟", corps="professional", employer="区委党校")
        lecturer.user = member.user

        save_instructor(obj=lecturer, by=by, fields=[])

        assert not self.is_open(member)


def test_a_slip_bears_the_name_on_the_register(clerk, branch):
    member = make_member(branch, "张玮")
    member.user = make_user(display_name="张伟")
    member.save()

    batch = issue(clerk, member)

    assert [slip.name for slip in list_slips(clerk, batch, NOON)] == ["张玮"]


class TestAccounts:
    def test_the_person_who_has_none_gets_one(self, clerk, branch):
        member = make_member(branch, "阿依古丽·买买提", phone="13800000001")

        issue(clerk, member)

        member.refresh_from_db()
        user = member.user
        assert (user.username, user.display_name) == (member.number, member.name)
        assert user.phone == "13800000001"
        assert not user.has_usable_password()
        assert AuditEntry.objects.get(act="open_account").after["phone"] == "138****0001"

    def test_the_person_who_has_one_keeps_it_with_its_password(self, clerk, branch):
        member = make_member(branch)
        member.user = make_user("old.name")
        member.save()

        issue(clerk, member)

        member.user.refresh_from_db()
        assert member.user.username == "old.name"
        assert member.user.check_password(factories.PASSWORD)
        assert not AuditEntry.objects.filter(act="open_account").exists()

    def test_a_phone_that_another_account_has_is_left_to_it(self, clerk, branch):
        make_user(phone="13800000001")
        pair = [make_member(branch, phone=phone) for phone in ("13800000001", "13800000002")]
        twin = make_member(branch, phone="13800000002")

        issue(clerk, *pair, twin)

        phones = [Member.objects.get(pk=member.pk).user.phone for member in (*pair, twin)]
        assert phones == [None, "13800000002", None]

    def test_a_number_that_is_taken_as_a_name_is_said(self, clerk, branch):
        member = make_member(branch)
        make_user(member.number)

        with refused(SlipError, member.number):
            issue(clerk, member)

    def test_a_number_that_looks_like_a_phone_is_said(self, clerk, branch):
        member = make_member(branch)
        Member.objects.filter(pk=member.pk).update(number="13900000000")

        with refused(SlipError, "13900000000"):
            issue(clerk, member)

    def test_a_disabled_account_is_said(self, clerk, branch):
        member = make_member(branch)
        member.user = make_user(is_active=False)
        member.save()

        with refused(SlipError, member.user.display_name):
            issue(clerk, member)

    def test_statements_do_not_grow_with_the_members(self, clerk, branch):
        counts = []
        for size in (1, 31):
            members = [make_member(branch) for _ in range(size)]
            with CaptureQueriesContext(connection) as captured:
                issue(clerk, *members)
            counts.append(len(captured))

        assert counts[0] == counts[1]
        assert AuditEntry.objects.filter(act="open_account").count() == 32
        assert AuditEntry.objects.filter(act="issue_slip").count() == 32
        assert not find_broken_digests()

    def test_nobody_and_more_than_five_hundred_are_too_few_and_too_many(self, clerk):
        for count in (0, 501):
            with refused(SlipError):
                issue_member_slips(
                    member_ids=range(count), key=uuid4(), by=factories.acting(clerk), at=NOON
                )


class TestStaffSlip:
    """Between the page that found the account and the slip, the account may have changed."""

    @pytest.fixture
    def security(self, db):
        return make_officer(Role.SECURITY_ADMINISTRATOR)

    @pytest.fixture
    def officer(self, branch):
        """Of staff by the role alone, since also a member."""
        member = make_member(branch)
        member.user = make_officer(Role.DISTRICT_SCHOOL)
        member.save()
        return member.user

    def issue(self, security, user):
        return issue_staff_slip(user=user, key=uuid4(), by=factories.acting(security), at=NOON)

    def test_is_for_staff(self, security, officer):
        self.issue(security, officer)

        assert ActivationCode.objects.get().user == officer

    @pytest.mark.parametrize("meanwhile", ["role ended", "disabled", "issuer's role ended"])
    def test_is_refused_once_that_is_over(self, security, officer, meanwhile):
        over = period(factories.START, TODAY)
        if meanwhile == "role ended":
            RoleGrant.objects.filter(user=officer).update(period=over)
        elif meanwhile == "disabled":
            User.objects.filter(pk=officer.pk).update(is_active=False)
        else:
            RoleGrant.objects.filter(user=security).update(period=over)

        with refused(SlipError):
            self.issue(security, officer)

        assert not ActivationCode.objects.exists()
        assert not SlipBatch.objects.exists()

    def test_is_not_ones_own(self, security):
        with refused(SlipError):
            self.issue(security, security)
