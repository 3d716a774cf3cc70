"""An empty, migrated database becomes a district: every step by its people, in a browser.

The journey is a row of steps that build on each other. Each is a function of `Founding`, which
holds the people; a later step (clerks, register, class, certificate) is another such function.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from accounts.codes import format_code
from accounts.enums import Role
from accounts.models import ActivationCode, User
from config.lib.encryption import decrypt
from config.lib.spreadsheet_reading import read_table
from hours.models import RequirementRule
from schools.demo import network
from schools.models import District, Organisation, Placement, School, Township, Village
from tests import factories
from tests.browser.conftest import DESK, PHONE
from tests.browsers import browser_of
from tests.factories import PASSWORD
from tests.schools.founding import NewDistrict

DIVISIONS = Path(network.__file__).resolve().parent / "data"
SCHOOLS = [
    ["代码", "名称", "街镇代码"],
    ["120111101", "杨柳青镇党校", "120111101、120111001"],
    ["120111103", "张家窝镇党校", "120111103"],
]
HEADINGS = ["代码", "名称", "级别", "上级代码", "街镇代码"]
BRANCHES = [[f"111{n:02}", f"一街村第{n}党支部", "党支部", "111", ""] for n in range(1, 61)]
TREE = [
    *BRANCHES,
    ["111", "一街村党总支", "党总支", "11", ""],
    ["11", "杨柳青镇党委", "党委", "120111", "120111101"],
    ["12", "张家窝镇党委", "党委", "120111", "120111103"],
]
WRONG = ["13", "大寺镇党委", "党委", "120111", "120111999"]


def write_csv(path: Path, *rows: list[str], encoding: str = "gb18030") -> Path:
    path.write_text("\n".join(",".join(row) for row in rows), encoding=encoding)
    return path


class Founding:
    """The people who found a district, each at a browser of their own, and their files."""

    def __init__(self, visit: Any, folder: Path, size: dict[str, int], language: str) -> None:
        self._visit, self._size, self._language = visit, size, language
        self.folder = folder
        self.security: Any = None
        self.system: Any = None
        self.office: Any = None

    def appoint_first_administrator(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """At the server: the security administrator, who then signs in."""
        command = "schools.management.commands.appoint_administrator.getpass"
        monkeypatch.setattr(command, lambda _: PASSWORD)
        call_command("appoint_administrator", "wang.fang", "王芳")
        self.security = self._visit(self._size, self._language)
        self.security.open("/sign-in/")
        self.security.page.fill("input[name=username]", "wang.fang")
        self.security.page.fill("input[name=password]", PASSWORD)
        self.security.press()
        if self.security.page.locator("input[name=has_read]").count():
            self.security.page.check("input[name=has_read]")
            self.security.press()

    def make_staff(self) -> None:
        """The security administrator makes an account for each of the two who found."""
        self.system = self.make_person("li.qiang", "李强", Role.SYSTEM_ADMINISTRATOR)
        self.office = self.make_person("zhao.min", "赵敏", Role.ORGANISATION_DEPARTMENT)

    def make_person(self, username: str, name: str, role: Role, **scope: str) -> Any:
        """An account with its role and slip; the person gets in with the slip's code."""
        security = self.security
        security.open("/admin/accounts/user/add/")
        security.page.fill("input[name=username]", username)
        security.page.fill("input[name=display_name]", name)
        security.page.locator("#user_form [type=submit]").first.click()
        security.page.wait_for_load_state()
        user = User.objects.get(username=username)
        security.open(f"/admin/schools/rolegrant/add/?user={username}")
        security.page.fill("input[name=user]", username)
        security.page.select_option("select[name=role]", role.value)
        for field, label in scope.items():
            security.page.select_option(f"select[name={field}]", label=label)
        security.page.locator("#rolegrant_form [type=submit]").first.click()
        security.page.wait_for_load_state()
        assert user.role_grants.get().role == role
        security.open(f"/accounts/{user.pk}/slip/")
        security.press()
        code = ActivationCode.objects.get(user=user, ended_at=None)
        person = self._visit(self._size, self._language)
        person.open("/activate/")
        person.page.fill("input[name=username]", username)
        person.page.fill("input[name=code]", format_code(decrypt(code.code_encrypted)))
        person.press()
        person.page.check("input[name=has_read]")
        person.page.fill("input[name=new_password1]", PASSWORD)
        person.page.fill("input[name=new_password2]", PASSWORD)
        person.press()
        return person

    def follow(self, person: Any, address: str) -> None:
        """From the checklist on the home page to the page of a step."""
        person.open("/")
        person.page.locator(f".founding a[href='{address}']").click()
        person.look()

    def found_district(self) -> None:
        """The first step; all others wait for it."""
        self.system.open("/")
        assert self.system.page.locator(".founding a").count() == 2  # the rules need no district
        self.follow(self.system, "/founding/district/")
        self.fill(self.system, code="12011", name="西青区")
        self.system.press()
        assert self.system.page.locator("#id_code[aria-invalid=true]").count() == 1
        self.fill(self.system, code="120111")
        self.system.press()
        self.system.press()
        assert str(District.objects.get()) == "西青区"

    def add_divisions(self) -> None:
        """From the public tables, and one village by form."""
        for name in ("townships", "villages"):
            self.follow(self.system, "/founding/divisions/")
            self.upload(self.system, DIVISIONS / f"xiqing_{name}.csv")
            self.system.press()
        self.system.page.locator("a[href='/founding/divisions/village/']").click()
        self.system.look()
        self.fill(self.system, code="120111101999", name="新村")
        self.system.press()
        self.system.press()
        assert (Township.objects.count(), Village.objects.count()) == (12, 287)

    def found_schools(self) -> None:
        """Two from a file, the third by form."""
        self.follow(self.office, "/founding/schools/")
        self.upload(self.office, write_csv(self.folder / "党校.csv", *SCHOOLS))
        self.office.press()
        self.office.page.locator("a[href='/founding/schools/new/']").click()
        self.office.look()
        self.fill(self.office, name="大寺镇党校", code="120111105")
        for township in Township.objects.exclude(areas__isnull=False):
            self.office.page.check(f"input[name=townships][value='{township.pk}']")
        self.office.press()
        self.office.press()
        assert School.objects.count() == 3

    def found_root(self) -> None:
        """The district committee, which had no page before."""
        self.follow(self.system, "/founding/root/")
        self.fill(self.system, code="120111", name="中共西青区委员会")
        self.system.press()
        self.system.press()
        assert Placement.objects.get().parent is None

    def found_tree(self) -> None:
        """A file with a wrong row is refused, corrected and founded as a whole."""
        self.follow(self.office, "/founding/tree/")
        self.upload(self.office, write_csv(self.folder / "a.csv", HEADINGS, *TREE, WRONG))
        assert "120111999" in self.office.text()
        with self.office.page.expect_download() as download:
            self.office.page.locator("a[href*='/refused/']").click()
        table = read_table(Path(download.value.path()).read_bytes(), "a.xlsx")
        assert table.rows[3][:5] == WRONG
        self.office.press()
        assert self.office.page.evaluate("document.activeElement.className") == "error-summary"
        assert Organisation.objects.count() == 1

        right = [*WRONG[:4], "120111105"]
        self.follow(self.office, "/founding/tree/")
        self.upload(self.office, write_csv(self.folder / "b.csv", HEADINGS, *TREE, right))
        assert self.office.page.locator("table tbody tr").count() == 50
        self.office.press()
        assert Organisation.objects.count() == 65
        self.follow(self.office, "/founding/tree/")
        self.upload(self.office, write_csv(self.folder / "b.csv", HEADINGS, *TREE, right))
        assert self.office.page.locator("main .notice-success").count() == 1

    def confirm_rules(self) -> None:
        """The figures that are carried over are compared with the texts in force."""
        self.follow(self.office, "/founding/rules/")
        self.office.press()
        assert self.office.page.locator(".error-summary").count() == 1
        for box in self.office.page.locator("input[name=rules]").all():
            box.check()
        self.office.press()
        assert not RequirementRule.objects.filter(
            to_be_verified=True, period__endswith=None
        ).exists()

    def see_what_is_left(self) -> None:
        """Staff and register remain, and each reader is told who does them."""
        self.security.open("/")
        assert "杨柳青镇党校" in self.security.page.inner_text(".founding")
        assert self.security.page.locator(".founding a").count() == 2
        self.office.open("/")
        assert self.office.page.locator(".founding a[href='/register/']").count() == 1

    @staticmethod
    def fill(person: Any, **texts: str) -> None:
        for name, text in texts.items():
            person.page.fill(f"main input[name={name}]", text)

    @staticmethod
    def upload(person: Any, path: Path) -> None:
        person.page.set_input_files("input[type=file]", path)
        person.press()
        assert "/founding/" in person.page.url


@pytest.mark.parametrize(
    ("size", "language"), [(DESK, "zh-hans"), (PHONE, "en")], ids=["desk", "phone"]
)
def test_an_empty_database_becomes_a_district(visit, tmp_path, monkeypatch, size, language):
    founding = Founding(visit, tmp_path, size, language)
    founding.appoint_first_administrator(monkeypatch)
    founding.make_staff()
    founding.found_district()
    founding.add_divisions()
    founding.found_schools()
    founding.found_root()
    founding.found_tree()
    founding.confirm_rules()
    founding.see_what_is_left()


def test_a_table_is_founded_without_script(chromium, live_server, tmp_path):
    district = NewDistrict()
    system = factories.make_user()
    factories.grant(system, Role.SYSTEM_ADMINISTRATOR)
    cookie = browser_of(system).cookies[settings.SESSION_COOKIE_NAME].value
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False)
    session = {"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}
    context.add_cookies([session])
    page = context.new_page()
    page.goto(f"{live_server.url}/founding/tree/")
    rows = ["11", "杨柳青镇党委", "党委", district.root.code, district.yangliuqing.code]
    page.set_input_files("input[type=file]", write_csv(tmp_path / "a.csv", HEADINGS, rows))
    for _step in ("upload", "found"):
        page.locator("main form button.btn-primary").click()

    assert page.url == f"{live_server.url}/founding/tree/"
    assert Organisation.objects.count() == 2
    context.close()
