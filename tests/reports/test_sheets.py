"""Statistics sheets for any days, in the portal's own layout and in the one of an office."""

from __future__ import annotations

import zipfile
from datetime import date
from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName

from accounts.models import AuditEntry
from backstage.enums import JobState
from backstage.files import read_file
from backstage.jobs import run_job
from backstage.models import Job
from config.lib.spreadsheet_layouts import LayoutError, check_layout
from courses.models import TrainingClass
from hours.models import CreditEntry
from reports.models import SheetLayout
from reports.queries.statistics import Days, MemberHoursLines, Statistics, source_of
from reports.sheets.reading import Reading, open_layout, read_layout
from reports.sheets.words import MEASURES, MEMBER_COLUMNS, SOURCES, Vocabulary, normalise
from rolls.enums import ATTENDED
from rolls.models import Attendance
from schools.models import School
from studies.models import StudyParticipant
from tests import factories
from tests.browsers import browser_of
from tests.evidence import clerk_of, hold
from tests.quotas.actions.test_reconciliations import YEAR
from tests.reports.test_report import Year
from tests.years.test_exports import export

pytestmark = pytest.mark.django_db

FIRST, LAST = date(YEAR, 6, 3), date(YEAR, 11, 30)


class Network(Year):
    """A class of outreach teaching too."""

    def __init__(self) -> None:
        super().__init__()
        out = factories.make_class(self.school, "送教上门")
        TrainingClass.objects.filter(pk=out.pk).update(mode="outreach")
        self.visit = hold(out, {self.leader: "present", self.frail: "present"}, on=LAST)

    @property
    def schools(self) -> list[School]:
        return [self.school, self.other]


@pytest.fixture
def world() -> Network:
    return Network()


@pytest.fixture
def officer(world) -> Client:
    return browser_of(world.office.user)


def as_file(book: Workbook) -> bytes:
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def cross_table(world) -> Workbook:
    """As an office draws it: a title over all, two rows of headers, schools, a total, a note."""
    book = Workbook()
    sheet = book.active
    sheet.title = "统计表"
    sheet["A1"] = "党员教育培训情况统计表"
    sheet.merge_cells("A1:F1")
    sheet["A1"].font = Font(bold=True, size=18)
    sheet["A2"], sheet["B2"], sheet["D2"], sheet["F2"] = "单位", "自办", "送教", "备注"
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("B2:C2")
    sheet.merge_cells("D2:E2")
    sheet.merge_cells("F2:F3")
    sheet["B3"], sheet["C3"], sheet["D3"], sheet["E3"] = "场次", "人次（次）", "场次", "人次"
    sheet["A4"], sheet["A5"], sheet["A6"] = world.school.name, world.other.name, "合计"
    sheet["B6"] = "=SUM(B4:B5)"
    sheet["C4"].fill = PatternFill("solid", fgColor="FFEECC")
    sheet["C4"].number_format = "#,##0"
    sheet["A8"] = "填表人：            审核人："
    return book


def vocabulary(world, **chosen: str) -> Vocabulary:
    words = {normalise(word): code for word, code in chosen.items()}
    return Vocabulary(world.schools, words)


def read(world, book: Workbook, **chosen: str) -> Reading:
    return read_layout(open_layout(as_file(book)), vocabulary(world, **chosen))


def cells(reading: Reading) -> dict[str, tuple[str, dict[str, str]]]:
    return {
        place.cell: (place.meaning.measure, dict(place.meaning.narrowed))
        for place in reading.places
    }


class TestHeaderWords:
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_are_also_those_by_which_the_portal_itself_calls_it(self, world, language):
        words = vocabulary(world)
        with translation.override(language):
            for dimension, named in (("measure", MEASURES), ("source", SOURCES)):
                for key, label in named.items():
                    assert words.codes(str(label)) == [f"{dimension}:{key}"]
            for key, label in MEMBER_COLUMNS.items():
                assert words.codes(str(label), of_members=True) == [f"member:{key}"]

    def test_say_what_stands_at_their_crossing(self, world):
        found = cells(read(world, cross_table(world)))
        school, other = str(world.school.pk), str(world.other.pk)

        assert found == {
            "B4": ("classes", {"source": "self", "school": school}),
            "C4": ("person_times", {"source": "self", "school": school}),
            "D4": ("classes", {"source": "community", "school": school}),
            "E4": ("person_times", {"source": "community", "school": school}),
            "B5": ("classes", {"source": "self", "school": other}),
            "C5": ("person_times", {"source": "self", "school": other}),
            "D5": ("classes", {"source": "community", "school": other}),
            "E5": ("person_times", {"source": "community", "school": other}),
            "C6": ("person_times", {"source": "self"}),
            "D6": ("classes", {"source": "community"}),
            "E6": ("person_times", {"source": "community"}),
        }

    def test_leave_a_formula_alone_and_say_so(self, world):
        reading = read(world, cross_table(world))

        [problem] = reading.problems
        assert (problem.sheet, problem.cell) == ("统计表", "B6")
        assert "公式" in problem.reason or "formula" in problem.reason

    def test_that_are_foreign_are_named_and_fill_nothing(self, world):
        book = cross_table(world)
        book.active["C3"] = "出勤率"
        reading = read(world, book)

        unknown = {word.text for word in reading.words.values() if not word.codes}
        assert "出勤率" in unknown
        assert not {cell for cell in cells(reading) if cell.startswith("C")}

    def test_mean_what_an_officer_chose(self, world):
        book = cross_table(world)
        book.active["C3"] = "受教育人数"
        reading = read(world, book, 受教育人数="measure:members")

        assert cells(reading)["C4"][0] == "members"

    def test_that_are_left_out_say_nothing(self, world):
        book = cross_table(world)
        book.active["C3"] = "（单位：人次）人次"
        assert "C4" not in cells(read(world, book))
        book.active["C3"] = "人次"
        book.active["D2"] = "其中"
        reading = read(world, book, 其中="ignored")
        assert cells(reading)["E4"] == ("person_times", {"school": str(world.school.pk)})

    @pytest.mark.parametrize(
        ("word", "codes"),
        [
            ("自办场次", ["source:self", "measure:classes"]),
            ("市区下派 人次", ["source:sent", "measure:person_times"]),
            ("送教下基层人次(次)", ["source:community", "measure:person_times"]),
            ("普通党员人数", ["audience:ordinary", "measure:members"]),
            ("专业讲师团课次", ["corps:professional", "measure:sessions"]),
            ("5月", ["month:5"]),
            ("合 计", ["total"]),
            ("出勤率", None),
            ("自办出勤率", None),
        ],
    )
    def test_may_be_joined_in_one(self, world, word, codes):
        assert vocabulary(world).codes(word) == codes

    def test_that_contradict_each_other_are_a_problem(self, world):
        book = cross_table(world)
        book.active["A5"] = "送教"
        reading = read(world, book)

        assert {problem.cell for problem in reading.problems} >= {"B5", "C5"}
        assert "B5" not in cells(reading)


class TestNamedCells:
    def book(self, *names: tuple[str, str]) -> Workbook:
        book = Workbook()
        book.active.title = "表一"
        for name, area in names:
            book.defined_names[name] = DefinedName(name, attr_text=f"'表一'!{area}")
        return book

    def test_say_what_they_hold(self, world):
        name = f"自办_人次_{world.school.name}"
        reading = read(world, self.book((name, "$C$4"), ("参训人数", "$D$9")))

        school = {"source": "self", "school": str(world.school.pk)}
        assert cells(reading) == {"C4": ("person_times", school), "D9": ("members", {})}

    def test_that_are_ranges_or_ask_for_nothing_are_named_at_their_cell(self, world):
        reading = read(world, self.book(("人次", "$C$4:$C$6"), ("自办", "$D$9")))

        assert not reading.places
        assert [problem.cell for problem in reading.problems] == ["C4:C6", "D9"]

    def test_over_words_are_a_problem(self, world):
        book = self.book(("人次", "$C$4"))
        book.active["C4"] = "见附表"
        [problem] = read(world, book).problems

        assert problem.cell == "C4"
        assert "见附表" in problem.reason


class TestTheFigures:
    @pytest.fixture
    def found(self, world) -> Statistics:
        return Statistics(world.schools, Days(FIRST, LAST), world.visit.ends_at.replace(year=2026))

    def marks(self, **narrowed):
        return Attendance.objects.filter(
            session__held_on__gte=FIRST,
            session__held_on__lte=LAST,
            session__roll__state="submitted",
            status__in=ATTENDED,
            **narrowed,
        )

    def test_are_those_of_rolls_of_the_days(self, world, found):
        school = ("school", str(world.school.pk))

        assert found.figure("person_times") == self.marks().count()
        assert found.figure("members") == self.marks().values("member").distinct().count()
        of_school = self.marks(session__training_class__school=world.school)
        assert found.figure("person_times", (school,)) == of_school.count()
        outreach = self.marks(session__training_class__mode="outreach").count()
        assert found.figure("person_times", (("source", "community"),)) == outreach == 2

    def test_divide_all_sessions_by_source(self, world, found):
        by_source = {
            source: found.figure("sessions", (("source", source),))
            for source in ("self", "sent", "community")
        }

        assert sum(by_source.values()) == found.figure("sessions")
        assert by_source["community"] == 1
        assert by_source["sent"] == 1
        [sent] = [one for one in found.sessions if source_of(one) == "sent"]
        assert sent.session_id == world.practical.pk

    def test_of_branch_studies_are_approved_records(self, world, found):
        assert found.figure("studies") == 2
        assert found.figure("study_times") == StudyParticipant.objects.count() == 3
        assert found.figure("studies", (("school", str(world.other.pk)), ("month", "7"))) == 1

    def test_of_members_have_those_with_no_hours_too(self, world):
        lines = list(MemberHoursLines(world.schools, Days(FIRST, LAST)).iterator())

        assert len(lines) == 6
        for line in lines:
            entries = CreditEntry.objects.filter(
                member__number=line.number, occurred_on__gte=FIRST, occurred_on__lte=LAST
            )
            assert line.hours == (entries.sum_hours() or Decimal(0))
        assert any(not line.hours for line in lines)


def figures_of(page) -> dict[str, list]:
    """The figures of both tables of the sheet, by school."""
    by_source, whole = ([*lines] for _title, _heads, lines in page.context["tables"])
    return {
        name: [cell[0] for cell in (*cells, *others)]
        for (name, cells), (_same, others) in zip(by_source, whole, strict=True)
    }


def test_each_figure_of_sessions_opens_its_sessions(world, officer):
    page = officer.get(reverse("reports:statistics"), {"from": FIRST, "to": LAST})
    opened = 0
    for _title, heads, lines in page.context["tables"]:
        for _name, cells in lines:
            for head, (value, _kind, address, _head) in zip(heads, cells, strict=True):
                if not address:
                    continue
                opened += 1
                context = officer.get(address).context
                if head.endswith("Person-times"):
                    assert context["times"] == value
                elif head == "Sessions":
                    assert context["page_obj"].paginator.count == value
                elif head == "Hours posted":
                    assert context["hours"] == value
    assert opened > 20


def keep(browser: Client, book: Workbook | bytes, name: str = "区委表", school: object = ""):
    data = book if isinstance(book, bytes) else as_file(book)
    return browser.post(
        reverse("reports:add_layout"),
        {
            "name": name,
            "school": school,
            "idempotency_key": uuid4(),
            "upload": SimpleUploadedFile("统计表.xlsx", data),
        },
    )


def fill(browser: Client, layout: SheetLayout, **asked: object) -> Workbook:
    """The filled copy, as the job of the person has it for download."""
    reply = browser.post(
        reverse("reports:fill_layout", args=[layout.pk]),
        {"first": FIRST, "last": LAST, "school": "", "idempotency_key": uuid4()} | asked,
    )
    assert reply.url == reverse("backstage:jobs")
    job = Job.objects.latest("pk")
    if job.state == JobState.QUEUED:
        run_job(job_id=job.pk, clock=timezone.now)
        job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    page = browser.get(reverse("backstage:file", args=[job.file.key]))
    return load_workbook(BytesIO(page.content))


class TestAFilledLayout:
    def test_has_the_figures_of_the_page(self, world, officer):
        keep(officer, cross_table(world))
        sheet = fill(officer, SheetLayout.objects.get()).active
        page = officer.get(reverse("reports:statistics"), {"from": FIRST, "to": LAST})
        rows = figures_of(page)

        for line, name in ((4, world.school.name), (5, world.other.name)):
            own, sent = rows[name][:2], rows[name][4:6]
            assert [sheet.cell(line, column).value for column in (2, 3, 4, 5)] == own + sent
        header, *lines = export(officer, "statistics", **{"from": FIRST, "to": LAST})
        said = {line[0]: line[1:] for line in lines}
        assert said[world.school.name] == [float(value) for value in rows[world.school.name]]
        assert len(header) == 1 + len(rows[world.school.name])

    def test_is_else_as_it_was(self, world, officer):
        keep(officer, cross_table(world))
        sheet = fill(officer, SheetLayout.objects.get()).active

        assert sheet["A1"].value == "党员教育培训情况统计表"
        assert (sheet["A1"].font.bold, sheet["A1"].font.size) == (True, 18)
        assert {str(area) for area in sheet.merged_cells.ranges} == {
            "A1:F1",
            "A2:A3",
            "B2:C2",
            "D2:E2",
            "F2:F3",
        }
        assert sheet["B6"].value == "=SUM(B4:B5)"
        assert sheet["C4"].number_format == "#,##0"
        assert sheet["C4"].fill.fgColor.rgb.endswith("FFEECC")
        assert sheet["F4"].value is None
        assert sheet["A8"].value.startswith("填表人")

    def test_of_a_school_has_its_figures_alone(self, world, officer):
        keep(officer, cross_table(world))
        sheet = fill(officer, SheetLayout.objects.get(), school=world.other.pk).active

        assert (sheet["C4"].value, sheet["C6"].value) == (None, 0)
        assert sheet["A5"].value == world.other.name

    def test_lists_every_member_below_its_header(self, world, officer):
        book = Workbook()
        sheet = book.active
        sheet["A1"] = "党员学时一览表"
        for column, word in enumerate(["序号", "姓名", "支部名称", "学时", "备注"], start=1):
            sheet.cell(2, column).value = word
        sheet["D3"].number_format = "0.00"
        keep(officer, book)
        filled = fill(officer, SheetLayout.objects.get()).active
        lines = list(MemberHoursLines(world.schools, Days(FIRST, LAST)).iterator())

        rows = list(filled.iter_rows(min_row=3, values_only=True))
        assert [(row[1], row[2], row[3]) for row in rows] == [
            (line.name, line.organisation, line.hours) for line in lines
        ]
        assert filled["D5"].number_format == "0.00"
        assert filled["A3"].value is None
        entry = AuditEntry.objects.get(act="fill_layout")
        assert entry.after["rows"] == len(lines)

    def test_with_notes_below_a_list_is_refused_at_that_cell(self, world):
        book = Workbook()
        book.active["A1"], book.active["B1"] = "姓名", "学时"
        book.active["A9"] = "填表人："
        [problem] = read(world, book).problems

        assert problem.cell == "A9"

    def test_never_holds_a_name_as_a_formula(self, world, officer):
        type(world.member).objects.filter(pk=world.member.pk).update(name="=1+1")
        book = Workbook()
        book.active["A1"], book.active["B1"] = "姓名", "学时"
        keep(officer, book)
        filled = fill(officer, SheetLayout.objects.get()).active

        assert "=1+1" in [cell.value for cell in filled["A"]]
        assert all(cell.data_type != "f" for cell in filled["A"])


def with_part(data: bytes, name: str, text: bytes = b"x") -> bytes:
    target = BytesIO(data)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(name, text)
    return target.getvalue()


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        "part",
        [
            "xl/vbaProject.bin",
            "xl/externalLinks/externalLink1.xml",
            "xl/connections.xml",
            "xl/embeddings/oleObject1.bin",
            "xl/media/image1.png",
            "xl/charts/chart1.xml",
        ],
    )
    def test_is_what_would_act_or_be_lost(self, world, part):
        with pytest.raises(LayoutError):
            check_layout(with_part(as_file(cross_table(world)), part))

    def test_is_an_entity_wherever_it_stands(self, world):
        bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
        with pytest.raises(LayoutError):
            check_layout(with_part(as_file(cross_table(world)), "docProps/custom.xml", bomb))

    def test_is_a_link_to_an_address(self, world):
        link = b'<Relationships><Relationship TargetMode="External" Target="http://a"/>'
        name = "xl/worksheets/_rels/sheet9.xml.rels"
        with pytest.raises(LayoutError):
            check_layout(with_part(as_file(cross_table(world)), name, link))

    @pytest.mark.parametrize("data", [b"%PDF-1.7", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
    def test_is_what_is_no_workbook_whatever_its_name(self, officer, data):
        reply = keep(officer, data)

        assert reply.status_code == 422
        assert reply.context["form"].errors["upload"]
        assert not SheetLayout.objects.exists()

    def test_is_a_second_layout_of_that_name(self, world, officer):
        keep(officer, cross_table(world))

        assert keep(officer, cross_table(world)).status_code == 422
        assert SheetLayout.objects.count() == 1


class TestAKeptLayout:
    def test_is_stored_with_its_hash_and_stands_in_the_trail(self, world, officer):
        data = as_file(cross_table(world))
        keep(officer, data)
        layout = SheetLayout.objects.get()

        assert read_file(layout.file) == data
        entry = AuditEntry.objects.get(act="keep_layout")
        assert entry.after["digest"] == layout.file.digest
        fetched = officer.get(reverse("reports:layout_file", args=[layout.pk]))
        assert fetched.content == data

    def test_shows_what_each_word_means_and_takes_another_meaning(self, world, officer):
        book = cross_table(world)
        book.active["C3"] = "受教育人数"
        keep(officer, book)
        address = reverse("reports:layout", args=[SheetLayout.objects.get().pk])
        page = officer.get(address)
        shown = {word.text: (meaning, field) for word, meaning, field in page.context["words"]}
        assert shown["自办"][0] == ["Source: Self-organised"]
        assert shown["受教育人数"][0] == []
        before = len(page.context["reading"].places)

        field = shown["受教育人数"][1]
        sent = {field.html_name: "measure:members", "idempotency_key": uuid4()}
        assert officer.post(address, sent).status_code == 302

        page = officer.get(address)
        assert len(page.context["reading"].places) == before + 3
        assert AuditEntry.objects.get(act="explain_layout").after["words"] == 1

    def test_of_a_school_is_its_own(self, world, officer):
        clerk = browser_of(clerk_of(world.school))
        assert keep(clerk, cross_table(world), school=world.school.pk).status_code == 302
        assert keep(clerk, cross_table(world), name="b", school=world.other.pk).status_code == 422
        assert keep(clerk, cross_table(world), name="b").status_code == 422
        layout = SheetLayout.objects.get()
        address = reverse("reports:layout", args=[layout.pk])

        stranger = browser_of(clerk_of(world.other))
        assert stranger.get(address).status_code == 404
        assert (
            stranger.post(
                reverse("reports:fill_layout", args=[layout.pk]),
                {"first": FIRST, "last": LAST, "idempotency_key": uuid4()},
            ).status_code
            == 404
        )
        assert officer.get(address).status_code == 200
        assert officer.post(address, {"idempotency_key": uuid4()}).status_code == 403

    def test_is_filled_with_what_its_reader_sees_alone(self, world, officer):
        keep(officer, cross_table(world))
        sheet = fill(browser_of(clerk_of(world.school)), SheetLayout.objects.get()).active

        assert sheet["C4"].value > 0
        assert sheet["C5"].value is None
        assert sheet["C6"].value == sheet["C4"].value

    def test_that_is_withdrawn_is_offered_no_more(self, world, officer):
        keep(officer, cross_table(world))
        layout = SheetLayout.objects.get()
        address = reverse("reports:withdraw_layout", args=[layout.pk])
        form = {"idempotency_key": uuid4()}
        officer.post(address, form)
        officer.post(address, form | {"step": "do"})
        layout.refresh_from_db()

        assert layout.withdrawn_at
        assert not officer.get(reverse("reports:layouts")).context["page_obj"].object_list
        assert AuditEntry.objects.filter(act="withdraw_layout").exists()


@pytest.mark.parametrize("page", ["statistics", "statistics_sessions", "statistics_members"])
def test_a_sheet_costs_the_same_for_any_number_of_sessions(world, officer, page):
    address = f"{reverse(f'reports:{page}')}?from={FIRST}&to={LAST}"
    officer.get(address)

    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert officer.get(address).status_code == 200
        return len(caught)

    before = statements()
    for day in range(1, 9):
        hold(factories.make_class(world.school), {world.member: "present"}, on=date(YEAR, 7, day))
    assert statements() == before
