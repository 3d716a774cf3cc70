"""Roles and slips that hold only once a second person has confirmed them."""

from __future__ import annotations

from datetime import date
from io import StringIO
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone, translation

from accounts.actions import see_slip
from accounts.enums import ADMINISTRATOR_ROLES, Role
from accounts.models import ActivationCode, AuditEntry, SlipBatch, User
from accounts.records import RecordError
from backstage.models import PendingAct
from backstage.pending_acts import PendingError, confirm_act, list_acts, refuse_act
from backstage.tasklist import list_tasks
from config.lib.periods import local_date, period
from schools.actions.grants import propose_deletion, propose_grant
from schools.models import RoleGrant
from schools.records import SecondNeededError, delete_role_grant, save_role_grant
from tests import factories
from tests.admin_pages import add, make_officer, page_url, signed_in
from tests.browsers import browser_of
from tests.factories import NOON, acting, grant, make_member, make_user
from tests.refusals import refused
from trainees.actions.slips import issue_member_slips, issue_staff_slip
from trainees.queries.slips import list_batches
from years.queries.access_log import describe_access, list_accesses

pytestmark = pytest.mark.django_db
DAYS = period(date(2026, 1, 1))
OF_TWO = [
    *sorted(ADMINISTRATOR_ROLES),
    Role.ORGANISATION_DEPARTMENT,
    Role.CUSTODIAN,
    Role.APPROVER,
    Role.PAYER,
    Role.AUDITOR,
]


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


class Site:
    """A district that has members, with its three administrators and somebody without a role."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.branch = factories.make_organisation(self.school)
        self.member = make_member(self.branch)
        self.security = make_officer(Role.SECURITY_ADMINISTRATOR)
        self.system = make_officer(Role.SYSTEM_ADMINISTRATOR)
        self.audit = make_officer(Role.AUDIT_ADMINISTRATOR)
        self.newcomer = make_user(display_name="刘娜")

    def give(self, role: Role, user: User | None = None, by: User | None = None) -> bool:
        facts = {"user": user or self.newcomer, "role": role}
        obj = RoleGrant(period=DAYS, **facts)
        return save_role_grant(obj=obj, by=acting(by or self.security), fields=[*facts, "period"])

    def propose(self, role: Role = Role.AUDITOR, user: User | None = None) -> PendingAct:
        obj = RoleGrant(user=user or self.newcomer, role=role, period=DAYS)
        return propose_grant(obj=obj, by=acting(self.security), at=NOON)

    def roles(self, user: User | None = None) -> set[str]:
        rows = RoleGrant.objects.filter(user=user or self.newcomer)
        return set(rows.values_list("role", flat=True))


@pytest.fixture
def site() -> Site:
    return Site()


def confirm(act: PendingAct, by: User) -> PendingAct:
    return confirm_act(act_id=act.pk, by=acting(by), at=NOON)


class TestAGrantOfPower:
    @pytest.mark.parametrize("role", OF_TWO)
    def test_is_not_given_by_one_alone(self, site, role):
        with refused(SecondNeededError):
            site.give(role)

        assert site.roles() == set()

    @pytest.mark.parametrize("role", OF_TWO)
    def test_holds_once_another_administrator_confirms_it(self, site, role):
        act = site.propose(role)
        assert site.roles() == set()

        confirm(act, site.system)

        assert site.roles() == {role}
        acts = AuditEntry.objects.order_by("pk").values_list("act", "actor")
        assert [*acts] == [
            ("propose_act", site.security.pk),
            ("add_record", site.system.pk),
            ("confirm_act", site.system.pk),
        ]

    def test_of_another_role_is_given_by_one(self, site):
        site.give(Role.DISTRICT_SCHOOL)

        assert site.roles() == {Role.DISTRICT_SCHOOL}

    def test_is_not_confirmed_by_who_proposed_it(self, site):
        act = site.propose()

        with refused(PendingError, match="Somebody else confirms"):
            confirm(act, site.security)

    def test_nor_by_who_gains(self, site):
        act = site.propose(Role.SYSTEM_ADMINISTRATOR, user=site.newcomer)
        grant(site.newcomer, Role.AUDIT_ADMINISTRATOR, period=period(date(2020, 1, 1)))

        with refused(PendingError, match="concerns yourself"):
            confirm(act, site.newcomer)
        assert act not in list_acts(site.newcomer, local_date(NOON))

    def test_nor_by_who_is_no_administrator(self, site):
        act = site.propose()

        with refused(PermissionDenied):
            confirm(act, make_officer(Role.ORGANISATION_DEPARTMENT))

    def test_is_confirmed_once(self, site):
        act = site.propose()
        confirm(act, site.system)

        with refused(PendingError, match="meanwhile"):
            confirm(act, site.audit)

    def test_is_proposed_once_at_a_time(self, site):
        site.propose()

        with refused(PendingError, match="already"):
            site.propose()

    def test_is_refused_with_a_reason_and_then_proposed_anew(self, site):
        act = site.propose()
        with refused(PendingError):
            refuse_act(act_id=act.pk, reason=" ", by=acting(site.audit), at=NOON)

        refuse_act(act_id=act.pk, reason="未经批准", by=acting(site.audit), at=NOON)

        assert site.roles() == set()
        assert site.propose().pk != act.pk

    def test_is_taken_back_by_who_proposed_it(self, site):
        act = site.propose()

        refuse_act(act_id=act.pk, reason="写错了", by=acting(site.security), at=NOON)

        assert PendingAct.objects.get().state == "refused"

    def test_fails_as_a_whole_where_roles_exclude_each_other(self, site):
        act = site.propose(Role.AUDITOR)
        grant(site.newcomer, Role.PAYER)

        with refused(RecordError):
            confirm(act, site.system)
        assert PendingAct.objects.get().state == "waiting"


class TestAChangeOfAGrant:
    def longer(self, site, role: Role, until: date | None):
        held = grant(site.newcomer, role, period=period(date(2026, 1, 1), date(2026, 7, 1)))
        held.period = period(date(2026, 1, 1), until)
        return held

    def save(self, site, held) -> None:
        save_role_grant(obj=held, by=acting(site.security), fields=["period"])

    def test_that_lengthens_it_is_for_two(self, site):
        held = self.longer(site, Role.PAYER, None)
        with refused(SecondNeededError):
            self.save(site, held)

        act = propose_grant(obj=held, by=acting(site.security), at=NOON)
        assert RoleGrant.objects.get(pk=held.pk).period.upper == date(2026, 7, 1)
        confirm(act, site.audit)
        assert RoleGrant.objects.get(pk=held.pk).period.upper is None

    def test_that_shortens_it_is_for_one(self, site):
        self.save(site, self.longer(site, Role.PAYER, date(2026, 3, 1)))

        assert RoleGrant.objects.get(user=site.newcomer).period.upper == date(2026, 3, 1)

    def test_of_another_administrator_is_for_two_in_any_case(self, site):
        """Else one would first take the others away, and then be alone."""
        with refused(SecondNeededError):
            self.save(site, self.longer(site, Role.AUDIT_ADMINISTRATOR, date(2026, 3, 1)))
        held = RoleGrant.objects.get(user=site.system)
        with refused(SecondNeededError):
            delete_role_grant(obj=held, by=acting(site.security))

        confirm(propose_deletion(obj=held, by=acting(site.security), at=NOON), site.audit)
        assert site.roles(site.system) == set()


class TestADistrictThatBegins:
    def test_needs_no_second_before_its_first_member(self, db):
        security, system = make_officer(Role.SECURITY_ADMINISTRATOR), make_user()
        make_officer(Role.AUDIT_ADMINISTRATOR)
        facts = {"user": system, "role": Role.SYSTEM_ADMINISTRATOR, "period": DAYS}

        save_role_grant(obj=RoleGrant(**facts), by=acting(security), fields=list(facts))

        assert RoleGrant.objects.filter(user=system).exists()

    def test_nor_while_nobody_else_is_administrator(self, site):
        RoleGrant.objects.exclude(user=site.security).delete()

        site.give(Role.SYSTEM_ADMINISTRATOR)
        with refused(SecondNeededError):
            site.give(Role.AUDIT_ADMINISTRATOR, user=make_user())


class TestASlipOfStaff:
    def issue(self, site, user: User, by: User | None = None) -> SlipBatch | None:
        by = acting(by or site.security)
        return issue_staff_slip(user=user, key=uuid4(), by=by, at=timezone.now())

    def test_waits_for_another_administrator(self, site):
        assert self.issue(site, site.audit) is None
        assert not ActivationCode.objects.exists()

        confirm(PendingAct.objects.get(), site.system)

        code = ActivationCode.objects.get()
        assert (code.user, code.batch.issued_by) == (site.audit, site.security)
        assert len(list_batches(site.security, NOON)) == 1

    def test_is_not_confirmed_by_the_one_it_is_for(self, site):
        self.issue(site, site.audit)

        with refused(PendingError):
            confirm(PendingAct.objects.get(), site.audit)


class TestASlipOfAMember:
    @pytest.fixture(autouse=True)
    def _people(self, site):
        leader = factories.make_leader(site.branch)
        leader.user = site.secretary = make_user()
        leader.save(update_fields=["user"])
        site.clerk = factories.make_clerk(site.school)

    def issue(self, site, by: User, *members) -> SlipBatch | None:
        keys = [member.pk for member in members or (site.member,)]
        return issue_member_slips(member_ids=keys, key=uuid4(), by=acting(by), at=timezone.now())

    def activate(self, site) -> None:
        site.member.user = make_user()
        site.member.save(update_fields=["user"])

    def test_without_an_active_account_is_issued_by_the_secretary(self, site):
        assert self.issue(site, site.secretary).codes.count() == 1

    def test_of_an_active_account_waits_for_the_clerk(self, site):
        self.activate(site)
        other = make_member(site.branch, "王芳")

        batch = self.issue(site, site.secretary, site.member, other)

        assert [code.user.member for code in batch.codes.all()] == [other]
        confirm(PendingAct.objects.get(), site.clerk)
        code = ActivationCode.objects.get(user=site.member.user)
        assert code.batch.issued_by == site.secretary

    def test_is_not_confirmed_by_the_clerk_of_another_school(self, site):
        self.activate(site)
        self.issue(site, site.secretary)
        elsewhere = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))

        with refused(PermissionDenied):
            confirm(PendingAct.objects.get(), elsewhere)

    def test_is_issued_by_the_clerk_alone(self, site):
        self.activate(site)

        assert self.issue(site, site.clerk).codes.count() == 1

    def test_that_is_reissued_stands_on_every_page_until_it_was_seen(self, site):
        self.activate(site)
        browser = browser_of(site.member.user)
        told = reverse("accounts:own_slips")
        assert told not in browser.get("/").text

        self.issue(site, site.clerk)

        for page in ("/", "/my/hours/", "/privacy/"):
            assert told in browser.get(page).text
        assert site.clerk.display_name in browser.get(told).text
        browser.post(reverse("accounts:see_slip"))
        assert told not in browser.get("/").text
        assert AuditEntry.objects.filter(act="see_slip", actor=site.member.user).count() == 1

    def test_that_is_reissued_stands_among_the_looks(self, site):
        self.activate(site)
        self.issue(site, site.clerk)

        [look] = [describe_access(entry) for entry in list_accesses(site.member)]
        assert (look.who, look.what) == (site.clerk.display_name, "Issued a slip")

    def test_of_a_new_account_says_nothing(self, site):
        self.issue(site, site.clerk)

        assert not User.objects.filter(has_unseen_slip=True).exists()

    def test_is_seen_once(self, site):
        self.activate(site)
        for _ in range(2):
            see_slip(user=site.member.user, by=acting(site.member.user), at=NOON)

        assert not AuditEntry.objects.filter(act="see_slip").exists()


class TestPages:
    def test_a_grant_in_the_administration_waits_and_is_confirmed(self, site):
        browser, other = signed_in(site.security), signed_in(site.audit)
        for client in (browser, other):
            client.cookies["language"] = "en"
        username = site.newcomer.username

        response = add(
            browser,
            RoleGrant,
            user=username,
            role=Role.SYSTEM_ADMINISTRATOR,
            period=("2026-01-01", ""),
        )

        assert response.url == reverse("backstage:pending_acts")
        page = browser.get(response.url).text
        assert "waits for a second administrator" in page
        assert "Take back" in page
        assert site.roles() == set()
        assert "Confirm or refuse 1 act of somebody else" in other.get("/").text
        address = reverse("backstage:confirm_act", args=[PendingAct.objects.get().pk])
        assert browser.get(address).status_code == 404
        key = {"idempotency_key": uuid4()}
        check = other.post(address, key)
        assert "刘娜" in check.text
        assert site.roles() == set()
        other.post(address, key | {"step": "do"})
        assert site.roles() == {Role.SYSTEM_ADMINISTRATOR}

    def test_a_deletion_in_the_administration_waits(self, site):
        held = RoleGrant.objects.get(user=site.audit)
        held.period = period(local_date(timezone.now()).replace(year=2099))
        held.save()
        browser = signed_in(site.security)

        response = browser.post(page_url(RoleGrant, "delete", held.pk), {"post": "yes"})

        assert response.url == reverse("backstage:pending_acts")
        assert RoleGrant.objects.filter(pk=held.pk).exists()
        assert PendingAct.objects.get().kind == "delete_role"

    def test_a_slip_of_staff_says_that_it_is_proposed(self, site):
        browser = signed_in(site.security)
        browser.cookies["language"] = "en"
        address = reverse("trainees:account_slip", args=[site.audit.pk])
        assert "Propose the slip" in browser.get(address).text

        response = browser.post(address, {"idempotency_key": uuid4()})

        assert response.url == reverse("backstage:pending_acts")
        assert PendingAct.objects.get().account == site.audit

    def test_what_is_refused_needs_a_reason(self, site):
        act = site.propose()
        address = reverse("backstage:refuse_act", args=[act.pk])
        browser = signed_in(site.audit)
        assert browser.post(address, {"idempotency_key": uuid4()}).status_code == 422

        sent = {"idempotency_key": uuid4(), "reason": "未经批准", "step": "do"}
        browser.post(address, sent)

        act.refresh_from_db()
        assert (act.state, act.decided_by, act.reason) == ("refused", site.audit, "未经批准")

    def test_nobody_else_is_told(self, site):
        site.propose()
        clerk = factories.make_clerk(site.school)

        assert list_acts(clerk, local_date(NOON)) == []
        assert not [t for t in list_tasks(clerk, NOON) if "Confirm or refuse" in t.label]


class TestTheCommand:
    def run(self, *arguments: object) -> str:
        out = StringIO()
        call_command("confirm_act", *map(str, arguments), stdout=out)
        return out.getvalue()

    def test_lists_what_waits(self, site):
        act = site.propose()

        assert f"{act.pk}:" in self.run()

    def test_confirms_before_a_witness(self, site):
        act = site.propose()
        with pytest.raises(CommandError):
            self.run(act.pk)

        self.run(act.pk, "赵敏")

        assert site.roles() == {Role.AUDITOR}
        act.refresh_from_db()
        assert (act.decided_by, act.witness) == (None, "赵敏")
        assert AuditEntry.objects.get(act="confirm_act").after == {"witness": "赵敏"}

    def test_knows_no_other_number(self, site):
        with pytest.raises(CommandError):
            self.run(1, "赵敏")
