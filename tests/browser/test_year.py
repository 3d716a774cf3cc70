"""The whole circle of a year: its task, claims, what blocks it, its results, signatures, close.

The people of one school and the district do it at their browsers; a worker computes the results.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from config.lib.periods import at_local
from courses.models import Session
from quotas.models import AnnualTask, QuotaClaim, Reconciliation, YearStatement
from quotas.queries.statements import find_closed
from rolls.models import Attendance
from studies.models import Study
from tests import factories
from tests.browser.conftest import DESK, PATIENCE_MS, PHONE, Visitor
from tests.browser.test_quotas import decide, set_task, write
from tests.browser.test_reconciliations import follow
from tests.evidence import clerk_of, hold
from tests.factories import make_picture, make_user
from tests.pdf_text import read_lines
from tests.quotas.actions.test_reconciliations import YEAR
from tests.quotas.actions.test_statements import Signing
from tests.services.conftest import Worker

JANUARY, JANUARY_AFTER = (at_local(date(year, 1, 12), 9) for year in (YEAR, YEAR + 1))
PHOTO = {"name": "证书.jpg", "mimeType": "image/jpeg", "buffer": make_picture((800, 600), "JPEG")}


class Circle(Signing):
    """The network with a roll of the first school that is not submitted, and the people there."""

    def __init__(self, visit) -> None:
        super().__init__()
        self.open_roll: Session = hold(
            factories.make_class(self.school, title="十二月补课班"),
            {self.member: "present"},
            on=date(YEAR, 12, 5),
            submitted=False,
        )
        self.member.user = make_user()
        self.member.save()
        self.users = {
            "officer": self.office.user,
            "clerk": clerk_of(self.school),
            "leader": self.leaders[self.school.pk],
            "member": self.member.user,
        }
        self._visit = visit

    def come(self, name: str) -> Visitor:
        """The person, at a browser that knows them at this moment."""
        visitor = self._visit(PHONE if name == "member" else DESK)
        visitor.asks_axe = False  # other journeys look at each of these pages
        visitor.sign_in(self.users[name])
        return visitor


@pytest.fixture
def clock(monkeypatch):
    """Sets what the portal takes for now."""

    def set_to(moment) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return set_to


@pytest.fixture
def worker(redis_url: str, sender, tmp_path: Path):
    """A worker of its own, which is sent what would otherwise be run here."""
    worker = Worker(redis_url, tmp_path)
    worker.start()
    yield worker
    worker.stop()


def test_the_circle_of_a_year_for_one_school(visit, worker, clock):
    clock(JANUARY)
    world = Circle(visit)
    _agree_on_the_task(*map(world.come, ("officer", "clerk", "leader")))

    clock(JANUARY_AFTER)
    officer, clerk, leader = map(world.come, ("officer", "clerk", "leader"))
    _mend_what_blocks(world, officer, clerk)
    run = _reconcile(officer)
    statement = _sign(world, run, leader, officer)
    _compare(leader, statement)
    _close_with_the_others(world, run, officer)
    _declare_in_vain(world.come("member"))


def _agree_on_the_task(officer: Visitor, clerk: Visitor, leader: Visitor) -> None:
    """In January the task is set; the school claims, is asked again, and is accepted."""
    task = set_task(officer)
    assert (task.year, AnnualTask.objects.count()) == (YEAR, 1)
    write(clerk, "8")
    first = QuotaClaim.objects.get()
    decide(leader, first, "submit")
    decide(officer, first, "ask", "场次请再加四场")
    write(clerk, "12", "按区里意见增加")
    second = QuotaClaim.objects.get(version=2)
    decide(leader, second, "submit")
    decide(officer, second, "accept")
    second.refresh_from_db()
    assert second.state == "accepted"


def _mend_what_blocks(world: Circle, officer: Visitor, clerk: Visitor) -> None:
    """The rehearsal names the roll that is missing; the school's clerk finds it there."""
    _open_year(officer)
    with officer.page.expect_navigation():
        officer.page.locator(f"main form[action^='{reverse('quotas:rehearse')}'] button").click()
    _wait_for_results(officer)
    blocked = officer.page.locator("main ul li", has_text="考勤").inner_text()
    assert blocked.endswith("1")
    begin = f"{reverse('quotas:begin_reconciliation')}?year={YEAR}"
    officer.open(begin)
    with officer.page.expect_navigation():
        officer.page.locator("main form button.btn-primary").click()
    assert not Reconciliation.objects.final().exists()  # the check page refuses

    _open_year(clerk)
    follow(clerk, "main a.figure-warn")
    follow(clerk, f"main a[href='{reverse('rolls:roll', args=[world.open_roll.pk])}']")
    clerk.page.locator("[data-fill]").click()
    clerk.page.locator("button[value=submit]").click()
    clerk.page.wait_for_url("**/roll/?done=submit")
    assert Attendance.objects.get(session=world.open_roll).status == "present"


def _reconcile(officer: Visitor) -> Reconciliation:
    """The final run, with a check page, computed by the worker while the page waits."""
    _open_year(officer)
    assert officer.page.locator("main a.figure-warn").count() == 0
    follow(officer, f"main a[href^='{reverse('quotas:begin_reconciliation')}']")
    officer.press()
    officer.press()
    _wait_for_results(officer)
    run = Reconciliation.objects.final().get()
    assert (run.state, run.job.state) == ("computed", "done")
    return run


def _sign(world: Circle, run: Reconciliation, leader: Visitor, officer: Visitor) -> YearStatement:
    """Home asks the leader to sign, then the department to countersign."""
    _do_from_home(leader, reverse("quotas:sign_results", args=[run.pk, world.school.pk]))
    signature = run.signatures.get()
    assert signature.signed_by == world.users["leader"]
    _do_from_home(officer, reverse("quotas:countersign", args=[signature.pk]))
    return signature.statement


def _do_from_home(person: Visitor, address: str) -> None:
    person.open("/")
    follow(person, f"main a.task[href$='{reverse('quotas:reconciliations')}?year={YEAR}']")
    follow(person, f"main a[href='{address}']")
    person.press()
    person.press()


def _compare(person: Visitor, statement: YearStatement) -> None:
    """PDF and XLSX, as they are downloaded, say what the page says."""
    person.open(reverse("quotas:statement", args=[statement.pk]))
    shown, claims = (
        [row.locator("th, td").all_inner_texts() for row in table.locator("tbody tr").all()]
        for table in person.page.locator("main table").all()
    )
    whole = shown[-1]
    assert whole[1:5] == ["4", "2", "1", "1"]  # members, counted, on target, exempt
    assert claims[0][1] == "12"

    sheet = _download(person, reverse("quotas:statement_xlsx", args=[statement.pk]))
    book = CalamineWorkbook.from_filelike(BytesIO(sheet))
    figures, task = (book.get_sheet_by_index(place).to_python() for place in (0, 1))
    assert [
        [name, *(float(cell.replace(",", "")) for cell in cells)] for name, *cells in shown
    ] == figures[-len(shown) :]
    assert [row[: len(claims[0])] for row in task[-len(claims) :]] == claims

    paper = _download(person, reverse("quotas:statement_pdf", args=[statement.pk]))
    lines = Counter(read_lines(paper))
    # `read_lines` leaves out what is a single sign.
    cells = [cell for row in [*shown, *claims] for cell in row if len(cell) > 1]
    assert not Counter(cells) - lines
    assert statement.number in lines


def _download(person: Visitor, address: str) -> bytes:
    with person.page.expect_download() as download:
        person.page.locator(f"main a[href='{address}']").click()
    return Path(download.value.path()).read_bytes()


def _close_with_the_others(world: Circle, run: Reconciliation, officer: Visitor) -> None:
    """The other school's statement closes the year."""
    assert find_closed(YEAR) is None
    signature = world.sign(run, world.other)
    _do_from_home(officer, reverse("quotas:countersign", args=[signature.pk]))
    assert find_closed(YEAR) == run
    _open_year(officer)
    assert officer.page.locator(f"main a[href^='{reverse('quotas:ask_reopening')}']").count() == 1


def _declare_in_vain(member: Visitor) -> None:
    """The closed year takes no declaration, although its deadline has not passed."""
    member.open(reverse("studies:declare"))
    for name, text in (("topic", "党史专题"), ("place", "学习强国")):
        member.page.fill(f"input[name={name}]", text)
    member.page.fill("input[name=held_on]", f"{YEAR}-12-20")
    member.page.locator("input[type=file]").set_input_files([PHOTO])
    member.press("保存并提交")
    assert f"{YEAR} 年度已于" in member.text()
    assert not Study.objects.filter(topic="党史专题").exists()


def _open_year(person: Visitor) -> None:
    person.open(f"{reverse('quotas:reconciliations')}?year={YEAR}")


def _wait_for_results(person: Visitor) -> None:
    """The page of a run asks by itself until there are sums."""
    person.page.locator("main tfoot").first.wait_for(timeout=6 * PATIENCE_MS)
    person.look()
