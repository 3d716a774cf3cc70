"""Accounts and slips in the browser: choose, check, issue once, print within a day."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions import is_own_password
from accounts.codes import format_code
from accounts.enums import Role
from accounts.models import ActivationCode, AuditEntry, SlipBatch, User
from backstage.models import PendingAct
from config.lib.encryption import decrypt
from config.lib.periods import period, today
from schools.models import RoleGrant
from schools.records import save_role_grant
from tests import factories
from tests.admin_pages import make_officer
from tests.browsers import browser_of
from tests.factories import give_role, make_member, make_organisation, make_user
from trainees.views import slips as views

LIST, CHECK, ISSUE = (
    reverse(f"trainees:{name}") for name in ("slips", "check_slips", "issue_slips")
)


class World:
    def __init__(self) -> None:
        self.school = factories.make_school()
        self.clerk = factories.make_clerk(self.school)
        self.branch = make_organisation(self.school)
        self.second = make_organisation(self.school, "第二党支部")
        self.members = [make_member(self.branch, name) for name in ("张伟", "王芳", "李娜")]
        self.neighbour = make_member(self.second, "赵磊")
        self.browser = browser_of(self.clerk)

    def issue(self, *members, key=None, browser=None):
        body = {"member": [m.pk for m in members], "idempotency_key": str(key or uuid4())}
        return (browser or self.browser).post(ISSUE, body)


@pytest.fixture
def world(db):
    return World()


def shown(page) -> list[str]:
    return [member.name for member in page.context["page_obj"]]


class TestTheList:
    def test_shows_how_each_account_stands(self, world):
        first, second, third = world.members
        world.issue(first)
        for member, fields in ((second, {}), (third, {"is_active": False})):
            member.user = make_user(**fields)
            member.save()

        page = world.browser.get(LIST)

        states = {m.name: m.account_state for m in page.context["page_obj"]}
        assert states == {"张伟": "slip", "王芳": "active", "李娜": "disabled", "赵磊": "none"}
        for state, name in (("slip", "张伟"), ("active", "王芳"), ("none", "赵磊")):
            assert shown(world.browser.get(LIST, {"state": state})) == [name]

    def test_a_slip_for_an_active_account_does_not_hide_that_it_is_active(self, world):
        member = world.members[0]
        member.user = make_user()
        member.save()
        checked = world.browser.post(CHECK, {"member": [member.pk]})
        batch = world.browser.get(world.issue(member).url)

        page = world.browser.get(LIST, {"state": "renewal"})

        assert shown(page) == ["张伟"]
        assert shown(world.browser.get(LIST, {"state": "slip"})) == []
        assert "sets a new password" in page.text
        assert "the slip sets a new password" in checked.text
        assert "the account is active; the slip sets a new password" in batch.text
        again = world.browser.post(CHECK, {"member": [member.pk]})
        assert "1 earlier slip ends" in again.text
        assert "1 account is active" in again.text

    def test_a_slip_that_lapsed_leaves_no_account(self, world):
        world.issue(world.members[0])
        ActivationCode.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

        assert "张伟" in shown(world.browser.get(LIST, {"state": "none"}))

    @pytest.mark.parametrize("text", ["张", "zw"])
    def test_is_searched_by_name_and_initials(self, world, text):
        assert shown(world.browser.get(LIST, {"q": text})) == ["张伟"]

    def test_is_searched_by_number_and_never_by_an_id_number(self, world):
        assert shown(world.browser.get(LIST, {"q": world.neighbour.number})) == ["赵磊"]
        assert world.browser.get(LIST, {"q": "11010519491231002X"}).url == LIST

    def test_is_filtered_by_organisation(self, world):
        page = world.browser.get(LIST, {"organisation": world.second.pk})

        assert shown(page) == ["赵磊"]
        assert page.context["waiting"] == 1

    def test_a_secretary_sees_the_own_branch_without_choosing_it(self, world):
        secretary = make_user()
        give_role(secretary, Role.BRANCH_SECRETARY, world.second)

        page = browser_of(secretary).get(LIST)

        assert set(shown(page)) == {"赵磊", "李芳"}
        assert page.context["organisation"] == world.second

    def test_a_secretary_is_offered_no_slip_of_their_own(self, world):
        secretary = make_user()
        give_role(secretary, Role.BRANCH_SECRETARY, world.second)
        own = secretary.member
        browser = browser_of(secretary)

        page = browser.get(LIST)
        assert f'value="{world.neighbour.pk}"' in page.text
        assert f'value="{own.pk}"' not in page.text
        for body in ({"member": [own.pk, world.neighbour.pk]}, {"everyone": world.second.pk}):
            assert browser.post(CHECK, body).context["chosen"] == [world.neighbour]

    def test_the_department_names_a_school_before_an_organisation(self, world):
        office = browser_of(make_officer(Role.ORGANISATION_DEPARTMENT))

        assert "organisation" not in office.get(LIST).context["filters"].form.fields
        page = office.get(LIST, {"school": world.school.pk, "organisation": world.second.pk})

        assert shown(page) == ["赵磊"]

    def test_offers_no_slip_for_an_account_of_staff(self, world):
        world.members[0].user = make_officer(Role.PAYER)
        world.members[0].save()

        page = world.browser.get(LIST)

        assert f'value="{world.members[0].pk}"' not in page.text
        assert "slips by another office" in page.text


class TestTheCheckPage:
    def test_says_how_many_and_what_ends(self, world):
        first, second, _third = world.members
        world.issue(first)
        second.user = make_user()
        second.save()

        page = world.browser.post(CHECK, {"member": [m.pk for m in world.members]})

        assert "3 slips will be issued." in page.text
        assert "1 account is opened" in page.text
        assert "1 earlier slip ends" in page.text
        assert "1 account is active: the slip sets a new password" in page.text
        assert "Issue 3 slips" in page.text

    def test_takes_everyone_of_an_organisation_without_an_account(self, world):
        world.issue(world.members[0])

        page = world.browser.post(CHECK, {"everyone": world.branch.pk})

        assert {m.name for m in page.context["chosen"]} == {"王芳", "李娜"}

    @pytest.mark.parametrize("body", [{}, {"member": ["x", "9" * 30]}, {"everyone": "9" * 30}])
    def test_with_nobody_says_what_to_do(self, world, body):
        page = world.browser.post(CHECK, body)

        assert page.status_code == 200
        assert "Nobody is chosen" in page.text

    def test_leaves_out_whom_the_person_does_not_serve(self, world):
        stranger = make_member(make_organisation(factories.make_school("120111005", "津门湖街道")))

        page = world.browser.post(CHECK, {"member": [stranger.pk, world.members[0].pk]})

        assert [m.name for m in page.context["chosen"]] == ["张伟"]

    def test_refuses_more_than_a_batch_holds(self, world, monkeypatch):
        monkeypatch.setattr(views, "SLIPS_AT_ONCE", 2)

        page = world.browser.post(CHECK, {"member": [m.pk for m in world.members]})

        assert "More than 2 members at once" in page.text

    def test_writes_nothing(self, world):
        world.browser.post(CHECK, {"everyone": world.branch.pk})

        assert not SlipBatch.objects.exists()
        assert not User.objects.filter(member__isnull=False).exists()


class TestIssuing:
    def test_leads_to_the_batch_and_its_sheets(self, world):
        answer = world.issue(*world.members)

        batch = SlipBatch.objects.get()
        assert answer.url == reverse("trainees:slip_batch", args=[batch.key])
        page = world.browser.get(answer.url)
        assert [code.user.display_name for code in page.context["codes"]] == [
            "李娜",
            "王芳",
            "张伟",
        ]
        assert reverse("trainees:slip_sheets", args=[batch.key]) in page.text

    def test_of_several_batches_tells_each_by_branch_and_count(self, world):
        world.issue(*world.members)
        world.issue(world.neighbour)
        world.issue(world.members[0], world.neighbour)

        page = world.browser.get(LIST)

        listed = [(batch.organisation, batch.count) for batch in page.context["batches"]]
        assert listed == [("", 2), (world.second.name, 1), (world.branch.name, 3)]
        text = " ".join(page.text.split())
        assert f"· {world.branch.name} · 3 slips" in text
        assert f"· {world.second.name} · 1 slip " in text

    def test_the_same_form_twice_issues_once(self, world):
        key = uuid4()
        answers = [world.issue(*world.members, key=key).url for _ in range(2)]

        assert answers[0] == answers[1]
        assert ActivationCode.objects.count() == 3

    def test_another_body_under_the_same_key_is_409(self, world):
        key = uuid4()
        world.issue(world.members[0], key=key)

        assert world.issue(world.members[1], key=key).status_code == 409

    def test_a_refusal_comes_back_with_the_names(self, world):
        world.members[0].user = make_user(is_active=False)
        world.members[0].save()

        page = world.issue(*world.members)

        assert page.status_code == 422
        assert "These accounts are disabled" in page.text
        assert "王芳" in page.text
        assert not ActivationCode.objects.exists()

    def test_another_schools_member_is_refused(self, world):
        stranger = make_member(make_organisation(factories.make_school("120111005", "津门湖街道")))

        assert world.issue(stranger).status_code == 422
        assert not ActivationCode.objects.exists()

    @pytest.mark.parametrize("body", [{}, {"member": ["x"]}, {"member": ["1"]}])
    def test_an_incomplete_form_is_422(self, world, body):
        assert world.browser.post(ISSUE, body).status_code == 422


class TestTheSheets:
    @pytest.fixture
    def printed(self, monkeypatch):
        """The data that was handed to the typesetter."""
        handed = {}

        def keep(template, data):
            handed.update(data)
            return b"%PDF"

        monkeypatch.setattr(views, "set_document", keep)
        return handed

    def sheets(self, world, batch=None):
        batch = batch or SlipBatch.objects.get()
        return reverse("trainees:slip_sheets", args=[batch.key])

    def test_are_a_pdf_and_printing_is_in_the_trail(self, world):
        world.issue(*world.members)

        answer = world.browser.get(self.sheets(world))

        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
        name = f"Slips-{world.branch.name}-{today().isoformat()}.pdf"
        assert quote(name) in answer.headers["Content-Disposition"]
        assert "no-store" in answer.headers["Cache-Control"]
        assert AuditEntry.objects.get(act="print_slips").after == {"count": 3}

    def test_of_several_branches_are_named_by_the_school(self, world):
        world.issue(world.members[0], world.neighbour)

        name = f"Slips-{world.school.name}-{today().isoformat()}.pdf"
        disposition = world.browser.get(self.sheets(world)).headers["Content-Disposition"]
        assert quote(name) in disposition

    def test_show_who_where_the_code_and_how_to_get_in(self, world, printed, settings):
        settings.SITE_ADDRESS = "https://xuetang.example.cn"
        world.issue(world.members[0])

        world.browser.get(self.sheets(world))

        [slip] = printed["slips"]
        code = decrypt(ActivationCode.objects.get().code_encrypted)
        assert slip["name"] == "张伟"
        assert slip["organisation"] == world.branch.name
        assert slip["number"] == world.members[0].number
        assert slip["code"] == format_code(code)
        assert printed["address"] == "https://xuetang.example.cn/activate/"
        assert world.school.name in printed["heading"]

    def test_of_a_member_call_the_number_by_its_name_and_say_whom_to_ask(self, world, printed):
        with_phone, without = world.members[:2]
        with_phone.phone = "13800000001"
        with_phone.save()
        world.issue(with_phone, without)

        world.browser.get(self.sheets(world))

        slips = {slip["name"]: slip for slip in printed["slips"]}
        assert {slip["label"] for slip in slips.values()} == {"党员编号"}
        assert all("党员编号" in slip["steps"][1] for slip in slips.values())
        assert "手机号或党员编号" in slips[with_phone.name]["steps"][2]
        assert "手机号" not in slips[without.name]["steps"][2]
        assert all("支部书记" in slip["ask"] for slip in slips.values())
        assert all("登录号" not in str(slip) for slip in slips.values())

    def test_of_staff_bear_the_sign_in_name_and_another_office_to_ask(self, world, printed):
        security = browser_of(make_officer(Role.SECURITY_ADMINISTRATOR))
        url = reverse("trainees:account_slip", args=[world.clerk.pk])
        security.post(url, {"idempotency_key": str(uuid4())})

        security.get(self.sheets(world))

        [slip] = printed["slips"]
        assert (slip["label"], slip["number"]) == ("登录名", world.clerk.username)
        assert "登录名" in slip["steps"][1]
        assert "账号管理员" in slip["ask"]
        assert "支部" not in slip["ask"]

    def test_of_a_secretary_name_the_district(self, world, printed):
        secretary = make_user()
        give_role(secretary, Role.BRANCH_SECRETARY, world.second)
        browser = browser_of(secretary)
        world.issue(world.neighbour, browser=browser)

        browser.get(self.sheets(world))

        assert printed["heading"].startswith("西青区")

    def test_without_a_setting_name_the_address_of_the_request(self, world, printed):
        world.issue(world.members[0])
        world.browser.get(self.sheets(world))

        assert printed["address"] == "http://testserver/activate/"

    def test_leave_out_slips_that_no_longer_work(self, world, printed):
        world.issue(*world.members)
        first = SlipBatch.objects.get()
        world.issue(world.members[0])

        world.browser.get(self.sheets(world, first))

        assert {slip["name"] for slip in printed["slips"]} == {"王芳", "李娜"}

    def test_leave_out_whom_the_person_no_longer_serves(self, world, printed):
        world.issue(*world.members, world.neighbour)
        world.clerk.role_grants.all().delete()
        secretary = make_member(world.second)
        secretary.user = world.clerk
        secretary.save()
        secretary.posts.create(
            organisation=world.second, kind="secretary", period=factories.period(factories.START)
        )

        world.browser.get(self.sheets(world))

        assert [slip["name"] for slip in printed["slips"]] == ["赵磊"]

    def test_are_gone_after_a_day(self, world):
        world.issue(*world.members)
        SlipBatch.objects.update(issued_at=timezone.now() - timedelta(hours=24))

        assert world.browser.get(self.sheets(world)).status_code == 404
        page = world.browser.get(reverse("trainees:slip_batch", args=[SlipBatch.objects.get().key]))
        assert "can't be printed again" in page.text.replace("&#x27;", "'")

    def test_one_that_ended_with_a_role_is_not_silently_gone(self, world):
        first, *_others = world.members
        world.issue(*world.members)
        address = reverse("trainees:slip_batch", args=[SlipBatch.objects.get().key])
        assert "is not shown" not in world.browser.get(address).text
        first.refresh_from_db()
        grant = RoleGrant(user=first.user, role=Role.DISTRICT_SCHOOL, period=period(today()))
        security = factories.acting(make_officer(Role.SECURITY_ADMINISTRATOR))
        save_role_grant(obj=grant, by=security, fields=[])

        assert "1 slip of this batch no longer works" in world.browser.get(address).text

    def test_a_sign_without_font_is_said_on_the_page(self, world):
        member = make_member(world.branch, "张\ue000")
        world.issue(member)

        answer = world.browser.get(self.sheets(world), follow=True)

        assert "U+E000" in answer.text
        assert not AuditEntry.objects.filter(act="print_slips").exists()

    def test_are_the_issuers_alone(self, world):
        world.issue(*world.members)
        colleague = browser_of(factories.make_clerk(world.school))

        assert colleague.get(self.sheets(world)).status_code == 404


class TestStaffSlips:
    @pytest.fixture
    def security(self, db):
        return browser_of(make_officer(Role.SECURITY_ADMINISTRATOR))

    def url(self, user):
        return reverse("trainees:account_slip", args=[user.pk])

    def test_the_security_administrator_issues_one_from_the_accounts_page(self, security):
        user = make_officer(Role.SCHOOL_CLERK)
        account = security.get(reverse("admin:accounts_user_change", args=[user.pk]))
        assert self.url(user) in account.text

        answer = security.post(self.url(user), {"idempotency_key": str(uuid4())})

        batch = SlipBatch.objects.get()
        assert answer.url == reverse("trainees:slip_batch", args=[batch.key])
        sheets = reverse("trainees:slip_sheets", args=[batch.key])
        assert security.get(sheets).content.startswith(b"%PDF")

    def test_also_for_a_new_account_without_a_role(self, security):
        assert security.get(self.url(make_user())).status_code == 200

    def test_not_for_a_member_without_another_role(self, security):
        assert security.get(self.url(make_officer(Role.MEMBER))).status_code == 404

    def test_not_for_himself(self, db):
        officer = make_officer(Role.SECURITY_ADMINISTRATOR)

        assert browser_of(officer).get(self.url(officer)).status_code == 404

    def test_that_the_account_is_active_is_said(self, security):
        page = security.get(self.url(make_officer(Role.SCHOOL_CLERK)))

        assert "The account is active; the slip sets a new password." in page.text

    def test_a_disabled_account_is_said(self, security):
        page = security.post(
            self.url(make_user(is_active=False)), {"idempotency_key": str(uuid4())}
        )

        assert page.status_code == 422
        assert "These accounts are disabled" in page.text


class TestTheOwnPassword:
    """A secretary gives a member with an active account a slip if the member types theirs."""

    @pytest.fixture
    def member(self, world):
        member = world.members[0]
        member.user = make_user()
        member.save(update_fields=["user"])
        return member

    @pytest.fixture
    def secretary(self, world):
        user = make_user()
        give_role(user, Role.BRANCH_SECRETARY, world.branch)
        return user

    def issue(self, secretary, *members, typed, key=None):
        body = {"member": [m.pk for m in members], "own_password": typed}
        return browser_of(secretary).post(ISSUE, body | {"idempotency_key": str(key or uuid4())})

    def test_is_asked_for_one_member_whose_slip_would_wait(self, world, member, secretary):
        browser = browser_of(secretary)

        def asks(browser, *members):
            page = browser.post(CHECK, {"member": [m.pk for m in members]})
            return 'name="own_password"' in page.text

        assert asks(browser, member)
        assert not asks(browser, member, world.members[1])
        assert not asks(browser, world.members[1])
        assert not asks(world.browser, member)

    def test_lets_the_slip_be_issued_at_once(self, member, secretary):
        key = uuid4()
        answers = [
            self.issue(secretary, member, typed=factories.PASSWORD, key=key) for _ in range(2)
        ]

        assert {answer.url for answer in answers} == {
            reverse("trainees:slip_batch", args=[key]),
        }
        assert ActivationCode.objects.get().user == member.user
        assert AuditEntry.objects.get(act="agree_to_slip").object_id == str(member.user.pk)
        assert not PendingAct.objects.exists()

    def test_that_is_wrong_issues_nothing_and_is_counted(self, member, secretary):
        pages = [self.issue(secretary, member, typed="wrong wrong wrong") for _ in range(5)]
        locked = self.issue(secretary, member, typed=factories.PASSWORD)

        assert {page.status_code for page in [*pages, locked]} == {422}
        assert "This is not the present password of 张伟." in pages[0].text
        assert 'name="own_password"' in pages[0].text
        assert "wrong wrong wrong" not in pages[0].text
        assert "too many wrong passwords" in locked.text
        assert not ActivationCode.objects.exists()
        assert not PendingAct.objects.exists()
        wrong = AuditEntry.objects.filter(act="fail_password", actor=secretary)
        assert [entry.object_id for entry in wrong] == [str(member.user.pk)] * 5
        # The member is not locked out of the page of their own password.
        by = factories.acting(member.user)
        typed = {"password": factories.PASSWORD, "at": timezone.now()}
        assert is_own_password(user=member.user, by=by, **typed)

    def test_left_out_the_slip_waits_for_a_second_person(self, member, secretary):
        answer = self.issue(secretary, member, typed="")

        assert answer.url == reverse("backstage:pending_acts")
        assert PendingAct.objects.get().account == member.user
        assert not ActivationCode.objects.exists()

    def test_of_another_schools_member_is_not_looked_at(self, secretary):
        stranger = make_member(
            make_organisation(factories.make_school("120111005", "津门湖街道")), user=make_user()
        )
        page = self.issue(secretary, stranger, typed=factories.PASSWORD)

        assert page.status_code == 422
        assert not AuditEntry.objects.filter(act="fail_password").exists()
        assert not ActivationCode.objects.exists()

    def test_of_one_member_serves_no_others(self, world, member, secretary):
        other = world.members[1]
        other.user = make_user()
        other.save(update_fields=["user"])
        self.issue(secretary, member, other, typed=factories.PASSWORD)

        assert not ActivationCode.objects.exists()
        assert PendingAct.objects.count() == 2
