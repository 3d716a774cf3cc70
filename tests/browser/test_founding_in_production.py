"""From an empty database to a certificate, on a site as an office runs it.

The portal runs under the production settings, behind TLS, with a worker and Redis, and its database
has nobody in it. All that is done there is done by the people of a district at their browsers, and
judged by what they see; at the server there are two commands, the first and the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from accounts.codes import ALPHABET
from accounts.enums import Role
from config.lib.periods import today
from tests.browser.conftest import DESK, PATIENCE_MS, PHONE, Visitor, launch
from tests.browser.production import Site, running_site
from tests.browser.test_founding import DIVISIONS, HEADINGS, write_csv
from tests.browser.test_founding import SCHOOLS as TWO_SCHOOLS
from tests.factories import PASSWORD
from tests.pdf_text import read_lines
from tests.services.test_register import resident_id
from tests.totp import code_of

pytestmark = pytest.mark.services

TOWNSHIPS = re.findall(r"\b120111\d{3}\b", (DIVISIONS / "xiqing_townships.csv").read_text())
OTHERS = [code for code in TOWNSHIPS if not any(code in school[2] for school in TWO_SCHOOLS)]
SCHOOLS = [*TWO_SCHOOLS[1:], ["120111105", "大寺镇党校", "、".join(OTHERS)]]
COMMITTEES = [
    ["1101", "杨柳青镇党委", "党委", "120111", "120111101"],
    ["1103", "张家窝镇党委", "党委", "120111", "120111103"],
    ["1105", "大寺镇党委", "党委", "120111", "120111105"],
]
BRANCHES = [
    [f"{committee[0]}{n:02}", f"{committee[1][:-2]}第{n}党支部", "党支部", committee[0], ""]
    for committee in COMMITTEES
    for n in range(1, 11)
]
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
GIVEN = [
    *("建国", "秀英", "志强", "丽华", "永康", "春梅", "海涛", "玉兰"),
    *("文博", "淑珍", "立新", "桂芳", "少军", "晓燕", "长青"),
]
NAMES = [surname + given for given in GIVEN for surname in SURNAMES]
REGISTER = ["党支部", "姓名", "身份证号"]
MEMBERS = [[BRANCHES[n % len(BRANCHES)][1], name, resident_id(n)] for n, name in enumerate(NAMES)]
PRESENT, ABSENT, *_others = TRAINEES = [
    name for branch, name, _id in MEMBERS if branch == BRANCHES[0][1]
]
SLIP_CODE = re.compile(rf"[{ALPHABET}]{{5}}-[{ALPHABET}]{{5}}")
DOCUMENT_CODE = re.compile(rf"([{ALPHABET}]{{4}}-){{3}}[{ALPHABET}]{{4}}")


@pytest.fixture
def site(redis_url: str, tmp_path: Path) -> Iterator[Site]:
    with running_site(tmp_path, redis_url) as site:
        yield site


class District:
    """The people of a district, each at a browser of their own, and what they do one by one."""

    def __init__(self, site: Site, chromium: Browser, folder: Path) -> None:
        self.site, self.folder, self._chromium = site, folder, chromium
        self.security: Any = None
        self.system: Any = None
        self.office: Any = None
        self.academy: Any = None
        self.clerk: Any = None
        self.members: list[Any] = []

    def arrive(self, size: dict[str, int] = DESK) -> Visitor:
        """Somebody at a browser that has never been here."""
        context = self._chromium.new_context(viewport=size)
        context.set_default_timeout(PATIENCE_MS)
        return Visitor(context.new_page(), self.site.address, asks_axe=False)

    # Staff

    def appoint_first_administrator(self) -> None:
        """At the server: the security administrator, who then signs in."""
        said = self.site.manage(
            "appoint_administrator", "wang.fang", "王芳", typed=f"{PASSWORD}\n{PASSWORD}\n"
        )
        assert "wang.fang" in said
        self.security = self.arrive()
        self.security.open("/sign-in/")
        fill(self.security, username="wang.fang", password=PASSWORD)
        self.security.press()
        assert "/privacy/" in self.security.page.url
        self.security.press()
        self.enrol(self.security)
        assert self.security.page.url == f"{self.site.address}/"
        cookies = {cookie["name"]: cookie for cookie in self.security.page.context.cookies()}
        assert cookies["__Host-session"]["secure"]
        assert cookies["__Host-csrf"]["secure"]

    def make_staff(self) -> None:
        """Those who found, and the academic officer, who says what is taught."""
        self.system = self.make_person("li.qiang", "李强", Role.SYSTEM_ADMINISTRATOR)
        self.office = self.make_person("zhao.min", "赵敏", Role.ORGANISATION_DEPARTMENT)
        self.academy = self.make_person("sun.lei", "孙磊", Role.DISTRICT_SCHOOL)

    def make_clerks(self) -> None:
        """Each school gets a clerk; the checklist names those that have none."""
        self.security.open("/")
        for _code, name, _townships in SCHOOLS:
            assert name in self.security.page.inner_text(".founding")
        clerks = [
            self.make_person(f"clerk.{n}", f"文员{n}", Role.SCHOOL_CLERK, school=name)
            for n, (_code, name, _townships) in enumerate(SCHOOLS, 1)
        ]
        self.clerk = clerks[0]
        self.security.open("/")
        assert SCHOOLS[0][1] not in self.security.page.inner_text(".founding")

    def make_person(self, username: str, name: str, role: Role, school: str = "") -> Visitor:
        """An account, its role and its slip, one leading to the next; the person gets in."""
        page = self.security.page
        self.security.open("/admin/accounts/user/add/")
        fill(self.security, username=username, display_name=name)
        go(self.security, "#user_form [type=submit]")
        go(self.security, ".next-step a")
        page.select_option("select[name=role]", role.value)
        if school:
            page.select_option("select[name=school]", label=school)
        go(self.security, "#rolegrant_form [type=submit]")
        go(self.security, ".next-step a")
        self.security.press()
        return self.get_in(username, self.read_slips(self.security))

    def read_slips(self, printing: Visitor) -> dict[str, str]:
        """The codes on the printed sheet of a batch, by member number or sign-in name."""
        lines = read_lines(fetch(printing, "main a[href$='/slips.pdf']"))
        assert f"{self.site.address}/activate/" in lines
        at = [place for place, line in enumerate(lines) if SLIP_CODE.fullmatch(line)]
        return {lines[place - 2]: lines[place] for place in at}

    def get_in(self, name: str, codes: dict[str, str], size: dict[str, int] = DESK) -> Visitor:
        """The first time, with what stands on the slip."""
        person = self.arrive(size)
        person.open("/sign-in/")
        go(person, "main a[href='/activate/']")
        fill(person, username=name, code=codes[name])
        person.press()
        person.page.check("input[name=has_read]")
        fill(person, new_password1=PASSWORD, new_password2=PASSWORD)
        person.press()
        if size == DESK:  # staff
            self.enrol(person)
        assert person.page.url == f"{self.site.address}/"
        return person

    def enrol(self, person: Visitor) -> None:
        """Staff are led to their second factor, whose recovery codes they keep."""
        assert person.page.url.startswith(f"{self.site.address}/second-factor/app/")
        fill(person, code=code_of(person.page.inner_text(".factor-key")))
        person.press()
        assert person.page.locator(".recovery-codes li").count() == 10
        person.press()

    # District, schools, tree

    def follow(self, person: Visitor, address: str) -> None:
        """From the checklist on the home page to the page of a step."""
        person.open("/")
        go(person, f".founding a[href='{address}']")

    def found_district(self) -> None:
        self.follow(self.system, "/founding/district/")
        fill(self.system, code="120111", name="西青区")
        self.confirm(self.system)
        for name in ("townships", "villages"):
            self.follow(self.system, "/founding/divisions/")
            self.upload(self.system, DIVISIONS / f"xiqing_{name}.csv")
            self.system.press()
            assert self.system.page.locator(".notice-success").count() == 1
        self.follow(self.system, "/founding/root/")
        fill(self.system, code="120111", name="中共西青区委员会")
        self.confirm(self.system)

    def found_schools(self) -> None:
        self.follow(self.office, "/founding/schools/")
        self.upload(self.office, write_csv(self.folder / "党校.csv", TWO_SCHOOLS[0], *SCHOOLS))
        self.office.press()
        self.office.open("/schools/")
        for _code, name, _townships in SCHOOLS:
            assert name in self.office.text()

    def found_tree(self, *rows: list[str]) -> None:
        self.follow(self.office, "/founding/tree/")
        self.upload(self.office, write_csv(self.folder / "组织.csv", HEADINGS, *rows))
        assert self.office.page.locator(".notice-warning").count() == 0
        self.office.press()
        assert self.office.page.locator(".notice-success").count() == 1

    def confirm_rules(self) -> None:
        """The figures that are carried over are compared with the texts in force."""
        self.follow(self.office, "/founding/rules/")
        for box in self.office.page.locator("input[name=rules]").all():
            box.check()
        self.office.press()

    # Register and slips

    def import_register(self) -> None:
        """No branch is there: all rows are refused, until the officer founds the branches too."""
        self.follow(self.office, "/register/")
        self.upload(self.office, write_csv(self.folder / "名册.csv", REGISTER, *MEMBERS))
        self.await_the_worker("organisations")
        assert (self.rows_of("refused"), self.rows_of("new")) == (len(MEMBERS), 0)
        assert "没有此名称的党组织" in self.office.text()
        self.propose()
        assert (self.rows_of("refused"), self.rows_of("new")) == (0, len(MEMBERS))

        go(self.office, "main a[href$='/apply/']")
        for code, name, *_place in BRANCHES:
            assert f"{name} ({code})" in self.office.text()
        self.office.press()
        self.office.page.locator("main .notice-success").wait_for()
        self.office.look()
        assert str(len(MEMBERS)) in self.office.page.inner_text("main .notice-success")
        self.office.open("/organisations/?name=第10党支部")
        assert BRANCHES[9][1] in self.office.text()

    def propose(self) -> None:
        """The branches stand where their names say: the first is ticked, then all others."""
        page, committees = self.office.page, {code: name for code, name, *_place in COMMITTEES}
        go(self.office, "main a[href$='/organisations/']")
        for _code, name, _level, above, _township in BRANCHES:
            place = page.locator("fieldset").filter(has=page.get_by_text(name, exact=True))
            assert place.locator("input[name^=upper]").input_value() == committees[above]
        page.locator("input[name^=tick]").first.check()
        page.check("input[name=all]")
        self.office.press()
        self.await_the_worker("apply")

    def await_the_worker(self, step: str) -> None:
        """The officer looks on while the file is read, until it leads to the next step."""
        self.office.page.locator(f"main a[href$='/{step}/']").wait_for()
        self.office.look()

    def rows_of(self, kind: str) -> int:
        return int(self.office.page.inner_text(f"nav.kinds a[href='?kind={kind}'] b"))

    def see_the_checklist_gone(self) -> None:
        for person in (self.security, self.system, self.office):
            person.open("/")
            assert person.page.locator(".founding").count() == 0

    def give_slips(self, *names: str) -> None:
        """The clerk prints them in one go; the members get in on their phones."""
        page = self.clerk.page
        self.clerk.open("/")
        go(self.clerk, "main a[href*='/slips/']")
        self.clerk.choose("organisation", BRANCHES[0][1])
        go(self.clerk, ".filters button")
        for name in names:
            page.get_by_label(name, exact=True).check()
        self.clerk.press()
        self.clerk.press()
        codes = self.read_slips(self.clerk)
        for name in names:
            number = page.get_by_role("row").filter(has_text=name).locator("td").nth(1).inner_text()
            self.members.append(self.get_in(number, codes, PHONE))

    # Class, roll, hours, certificate

    def offer_a_course(self) -> None:
        """The academic officer names what is taught, as the clerk is told, and the clerk where."""
        self.clerk.open("/classes/plan/")
        assert "请区委党校教务先添加课程" in self.clerk.text()
        self.academy.open("/admin/courses/course/add/")
        fill(self.academy, code="K1", title="基层治理", hours="4")
        self.academy.page.select_option("select[name=module]", index=1)
        self.academy.page.select_option("select[name=strand]", index=1)
        go(self.academy, "#course_form [type=submit]")
        self.clerk.open("/schools/")
        go(self.clerk, f"main a:has-text('{SCHOOLS[0][1]}')")
        go(self.clerk, "main a[href$='/venues/new/']")
        fill(self.clerk, name="报告厅", capacity="80", first_day=f"{today():%Y-01-01}")
        self.clerk.press()
        assert "报告厅" in self.clerk.text()

    def set_up_class(self) -> None:
        """A class of tomorrow for a branch, all of whose members are enrolled."""
        page = self.clerk.page
        self.clerk.open("/classes/plan/")
        assert page.locator("main .notice-warning").count() == 0
        tomorrow = today() + timedelta(days=1)
        fill(self.clerk, title="冬季轮训", organisation=BRANCHES[0][1])
        fill(self.clerk, first_day=tomorrow.isoformat())
        self.clerk.choose("course")
        page.select_option("select[name=venue]", index=1)
        self.clerk.press()
        # Who belongs from a later day of December on owes nothing of this year.
        page.select_option("select[name=outcome]", index=0)
        go(self.clerk, "form.filters .filters-actions button")
        go(self.clerk, "button[value=all]")
        go(self.clerk, "button[value=do]")
        for name in TRAINEES:
            assert name in self.clerk.text()

    def take_roll(self) -> None:
        """The class is brought forward, so that it has begun; one trainee does not come."""
        page = self.clerk.page
        go(self.clerk, "main a[href*='/sessions/'][href$='/change/']")
        day = today().isoformat()
        fill(self.clerk, starts_at=f"{day}T00:00", ends_at=f"{day}T03:30")
        self.clerk.press()
        go(self.clerk, "main a[href$='/roll/']")
        page.locator("[data-fill]").click()
        row = page.locator(".roll-row").filter(has_text=ABSENT)
        row.locator("label[for$='-absent']").click()
        page.locator(".roll-foot button[value=submit]").click()
        page.wait_for_url("**/roll/?done=submit")
        self.clerk.look()
        assert str(4 * (len(TRAINEES) - 1)) in self.clerk.text()

    def see_own_hours(self) -> None:
        """Each of the two sees what was, or was not, posted."""
        for member, done in zip(self.members, ("已完成 4", "已完成 0"), strict=True):
            member.open("/")
            go(member, "nav a:has-text('我的学时')")
            assert done in member.page.inner_text(".hours-sentence")

    def issue_documents(self) -> list[list[str]]:
        """A year record and a certificate, as they stand on paper."""
        member, papers = self.members[0], []
        for kind in ("year_record", "certificate"):
            member.open("/my/hours/")
            go(member, "main a[href*='/documents/']")
            member.page.check(f"input[name=kind][value={kind}]")
            member.press()
            papers.append(read_lines(fetch(member, "main a[href$='/document.pdf']")))
        return papers

    def check(self, paper: list[str], name: str) -> None:
        """By a stranger, who has the paper alone."""
        text = "".join(paper)
        assert name in text
        code = DOCUMENT_CODE.search(text)
        number = re.search(r"XQ-\d{4}-\d{6}", text)
        assert code
        assert number
        stranger = self.arrive(PHONE)
        stranger.open("/sign-in/")
        go(stranger, "footer a[href='/check/']")
        for written, answer in (("李芳", 0), (name, 1)):
            fill(stranger, code=code[0], name=written)
            stranger.press()
            assert stranger.page.locator(".state-ok").count() == answer
        assert number[0] in stranger.text()

    def upload(self, person: Visitor, path: Path) -> None:
        person.page.set_input_files("input[type=file]", path)
        person.press()

    def confirm(self, person: Visitor) -> None:
        """The form, and then what it will do."""
        person.press()
        person.press()
        assert person.page.locator(".notice-success").count() == 1


def fill(person: Visitor, **texts: str) -> None:
    for name, text in texts.items():
        person.page.fill(f"main input[name={name}]", text)


def go(person: Visitor, what: str) -> None:
    with person.page.expect_navigation():
        person.page.locator(what).first.click()
    person.look()


def fetch(person: Visitor, link: str) -> bytes:
    """What a link downloads: a PDF."""
    with person.page.expect_download() as download:
        person.page.locator(link).first.click()
    data = Path(download.value.path()).read_bytes()
    assert data.startswith(b"%PDF")
    return data


@pytest.fixture
def district(site: Site, chromium: Browser, tmp_path: Path) -> Iterator[District]:
    """The option of a context would not do: a service worker is refused for its certificate."""
    browser = launch(chromium.browser_type, "--ignore-certificate-errors")
    yield District(site, browser, tmp_path)
    browser.close()


def test_an_office_founds_its_district_and_issues_a_certificate(district, site):
    district.appoint_first_administrator()
    district.make_staff()
    district.found_district()
    district.found_schools()
    district.found_tree(*COMMITTEES)
    district.confirm_rules()
    district.make_clerks()
    district.import_register()
    district.see_the_checklist_gone()
    district.give_slips(PRESENT, ABSENT)
    district.offer_a_course()
    district.set_up_class()
    district.take_roll()
    district.see_own_hours()
    for paper in district.issue_documents():
        district.check(paper, PRESENT)
    assert "no findings" in site.manage("verify_ledger")
    assert "ERROR" not in site.log
