"""A register changes nobody before it is applied, and then everybody whom it means, or nobody."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation
from stdnum.cn import ric

from accounts.audit import find_broken_digests
from accounts.enums import ActorChannel, Role
from accounts.models import AuditEntry
from backstage.enums import JobState
from backstage.jobs import run_job, stop_job
from backstage.models import StoredFile
from config.lib.dates import format_day
from config.lib.encryption import decrypt, encrypt, fingerprint
from config.lib.periods import period
from schools.enums import OrganisationKind
from tests import factories
from tests.config.lib.workbooks import workbook
from tests.factories import DAY, NOON, START, acting
from tests.refusals import refused
from trainees.actions import register as actions
from trainees.actions import register_merge
from trainees.actions.departures import record_departure, take_back_departure
from trainees.actions.register import RegisterError
from trainees.enums import (
    DepartureKind,
    ImportState,
    MembershipStatus,
    PostKind,
    RegisterField,
    RowKind,
)
from trainees.models import Member, Post, RegisterHeader, RegisterImport, RegisterRow
from trainees.queries.register import describe_rows, list_rows, problem_of

pytestmark = pytest.mark.django_db

NUMBERED = ("党员编号", "姓名", "党支部", "出生日期", "入党时间", "性别")
HEADERS = ["所在党支部", "姓名", "公民身份号码", "手机号", "性别", "入党时间", "党员状态", "职务"]


def resident_id(serial: int, born: str = "19700101") -> str:
    body = f"120000{born}{serial:03d}"
    return body + ric.calc_check_digit(body + "0")


class Office:
    """An officer, a school with two branches, and registers as the officer uploads them."""

    def __init__(self) -> None:
        self.user = factories.make_user()
        self.grant = factories.grant(self.user, Role.ORGANISATION_DEPARTMENT)
        self.by = acting(self.user)
        self.school = factories.make_school()
        self.first = factories.make_organisation(self.school, "第一党支部")
        self.second = factories.make_organisation(self.school, "第二党支部")

    def member(self, name: str, serial: int, organisation=None, **fields) -> Member:
        member = factories.make_member(organisation or self.first, name, **fields)
        number = resident_id(serial)
        member.resident_id_encrypted, member.resident_id_fingerprint = (
            encrypt(number),
            fingerprint(number),
        )
        member.sex = "m" if serial % 2 else "f"
        member.phone = "13800138000"
        member.save()
        return member

    def row(self, name: str, serial: int, organisation=None, **cells: Any) -> list[Any]:
        """A row that says of a member of `member` what is stored, but for `cells` by header."""
        said = {
            "所在党支部": (organisation or self.first).name,
            "姓名": name,
            "公民身份号码": resident_id(serial),
            "手机号": "13800138000",
            "性别": "男" if serial % 2 else "女",
            "入党时间": "1995-07-01",
            "党员状态": "正常",
            "职务": "",
        }
        return [*(said | cells).values()]

    def upload(self, *rows: list[str], headers: list[str] = HEADERS, as_of: date = DAY):
        text = io.StringIO()
        csv.writer(text).writerows([headers, *rows])
        return self.upload_file(text.getvalue().encode(), "名册.csv", as_of)

    def upload_file(self, data: bytes, name: str = "名册.xlsx", as_of: date = DAY):
        register = actions.start_import(
            data=data,
            file_name=name,
            media_type="application/octet-stream",
            as_of=as_of,
            by=self.by,
            at=NOON,
        )
        return self.work(register)

    def apply(self, register: RegisterImport, *, leave_out: bool = False) -> RegisterImport:
        actions.order_merge(
            register_id=register.pk, leave_out_refused=leave_out, by=self.by, at=NOON
        )
        register.refresh_from_db()
        return self.work(register)

    @staticmethod
    def work(register: RegisterImport) -> RegisterImport:
        run_job(job_id=register.job.pk, clock=lambda: NOON)
        return RegisterImport.objects.select_related("job").get(pk=register.pk)


@pytest.fixture
def office():
    return Office()


def counts(register: RegisterImport) -> dict[str, int]:
    return {kind: n for kind, n in register.counts.items() if n}


def problems(register: RegisterImport) -> list[tuple[int, str, str]]:
    return [
        (line["row"].row_number, column, reason)
        for line in describe_rows(list_rows(register, RowKind.REFUSED))
        for column, reason in line["problems"]
    ]


def only(register: RegisterImport, kind: RowKind) -> dict:
    (line,) = describe_rows(list_rows(register, kind))
    return line


class TestNothingToApply:
    """Nobody has to discard an import that would write nothing."""

    @pytest.mark.parametrize("rows", [0, 1])
    def test_ends_the_import(self, office, rows):
        office.member("甲", 1)
        register = office.upload(*[office.row("甲", 1)] * rows)

        assert (register.state, register.file) == (ImportState.NOTHING, None)
        assert counts(register) == ({"unchanged": 1} if rows else {})
        with refused(RegisterError):
            office.apply(register)

    def test_waits_where_a_row_is_refused_or_a_column_unknown(self, office):
        office.member("甲", 1)
        of_refused = office.upload(office.row("己", 11, 公民身份号码="123"))
        of_unknown = office.upload([*office.row("甲", 1), "31"], headers=[*HEADERS, "党龄"])

        assert (of_refused.state, of_unknown.state) == (ImportState.READY,) * 2


class TestReading:
    def test_a_formula_without_its_result_is_no_empty_cell(self, office):
        organisation, _name, resident, *_others = office.row("甲", 1)

        def text(place: str, value: str) -> str:
            return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'

        head = "".join(map(text, ("A1", "B1", "C1"), HEADERS))
        formula = '<c r="B2"><f>Sheet2!A1</f></c>'
        below = text("A2", organisation) + formula + text("C2", resident)
        register = office.upload_file(workbook(f'<row r="1">{head}</row><row r="2">{below}</row>'))

        assert [(row, column) for row, column, _ in problems(register)] == [(2, "姓名")]
        assert "公式" in problems(register)[0][2]

    def test_rows_are_told_apart_by_what_they_mean(self, office):
        office.member("甲", 1)
        office.member("乙", 3)
        office.member("丙", 5)
        office.member("丁", 7)
        register = office.upload(
            office.row("甲", 1),
            office.row("乙", 3, 手机号="13900139000"),
            office.row("丙", 5, office.second),
            office.row("戊", 9),
            office.row("己", 11, 公民身份号码="123"),
        )

        assert register.state == ImportState.READY
        assert counts(register) == {
            "unchanged": 1, "changed": 1, "transferred": 1, "new": 1, "refused": 1, "missing": 1,
        }  # fmt: skip
        assert only(register, RowKind.CHANGED)["changes"] == [
            ("手机号", "138****8000", "139****9000")
        ]
        assert only(register, RowKind.TRANSFERRED)["changes"] == [
            ("党组织", office.first.name, office.second.name)
        ]
        missing = only(register, RowKind.MISSING)
        assert (missing["name"], missing["organisation"]) == ("丁", office.first)
        assert Member.objects.count() == 4
        assert Member.objects.get(name="乙").phone == "13800138000"

    def test_of_organisations_that_the_file_does_not_name_it_says_nothing(self, office):
        committee = factories.make_below(
            factories.make_top(), OrganisationKind.COMMITTEE, "镇党委", office.school
        )
        below = factories.make_below(committee, name="下级党支部")
        for organisation, name, serial in (
            (office.first, "甲", 1), (office.second, "乙", 3), (below, "丙", 5),
        ):  # fmt: skip
            office.member(name, serial, organisation)
        register = office.upload(office.row("丁", 7, committee), office.row("戊", 9))

        assert only(register, RowKind.MISSING)["name"] == "甲"

    def test_absent_columns_and_empty_cells_change_nothing(self, office):
        office.member("甲", 1, membership_status=MembershipStatus.SUSPENDED)
        register = office.upload(
            [office.first.name, "甲", resident_id(1), ""],
            headers=["党支部", "姓名", "身份证号", "手机"],
        )

        assert counts(register) == {"unchanged": 1}

    def test_every_bad_cell_is_named_with_its_reason(self, office):
        register = office.upload(
            office.row("甲", 1, 所在党支部="杨柳青镇第一支部"),
            office.row("乙", 3, 手机号="12345"),
            office.row("丙", 5, 性别="女"),
            office.row("丁", 7, 入党时间="2099-01-01"),
            office.row("戊", 9, 姓名=""),
        )

        refused = problems(register)
        assert [(row, column) for row, column, _ in refused] == [
            (2, "党组织"), (3, "手机号"), (4, "性别"), (5, "入党日期"), (6, "姓名"),
        ]  # fmt: skip
        assert office.first.name in refused[0][2]

    def test_reasons_are_said_in_the_language_of_their_reader(self, office):
        later = DAY + timedelta(days=30)
        member = office.member("甲", 1)
        member.memberships.update(period=period(START, later))
        member.memberships.create(organisation=office.second, period=period(later))
        register = office.upload(
            office.row("甲", 1, office.second),
            office.row("乙", 3, 公民身份号码="123"),
            office.row("丙", 5, 党员状态="不详"),
        )

        reasons = [reason for _, _, reason in problems(register)]
        with translation.override("en"):
            english, there = [reason for _, _, reason in problems(register)], format_day(later)
        assert reasons[1:] == [
            "身份证号应为 18 位，此处为 3 位。", "无法识别此词。可用：正常、停止党籍、失联",
        ]  # fmt: skip
        assert english == [
            f"A later membership, from {there} on, is recorded already.",
            "An ID number has 18 characters; here are 3.",
            "This word is not known. Known are: 正常, 停止党籍, 失联",
        ]

    def test_one_number_in_two_rows_is_refused_in_both(self, office):
        office.member("甲", 1)
        register = office.upload(office.row("甲", 1), office.row("甲甲", 1))

        assert problems(register) == [
            (2, "公民身份号码", "与第 3 行相同。"),
            (3, "公民身份号码", "与第 2 行相同。"),
        ]

    def test_a_name_of_two_organisations_wants_the_code(self, office):
        twin = factories.make_organisation(office.school, "第一党支部")
        by_name = office.upload(office.row("甲", 1))
        by_code = office.upload(office.row("甲", 1, 所在党支部=twin.code))

        assert office.first.code in problems(by_name)[0][2]
        assert only(by_code, RowKind.NEW)["organisation"] == twin

    def test_a_member_is_found_by_number_where_there_is_no_id(self, office):
        member = office.member("甲", 1)
        other = office.member("乙", 3)
        headers = ["党员编号", "姓名", "党支部"]
        register = office.upload(
            [member.number, "甲", office.second.name],
            [other.number, "丙", office.first.name],
            ["99999", "戊", office.first.name],
            headers=headers,
        )

        assert counts(register) == {"transferred": 1, "refused": 2}

    def test_a_number_of_another_member_is_refused(self, office):
        office.member("甲", 1)
        other = office.member("乙", 3)
        register = office.upload(
            [other.number, "甲", office.first.name, resident_id(1)],
            headers=["党员编号", "姓名", "党支部", "身份证号"],
        )

        assert [column for _, column, _ in problems(register)] == ["党员编号"]

    def test_unknown_columns_are_explained_once_and_remembered(self, office):
        office.member("甲", 1)
        row, headers = [office.first.name, "甲", resident_id(1)], ["部门", "谁", "证件"]
        register = office.upload(row, headers=headers)
        assert register.state == ImportState.UNMAPPED
        assert register.headers == [["部门", None], ["谁", None], ["证件", None]]

        fields = {"部门": "organisation", "谁": "name", "证件": "resident_id"}
        explained = actions.explain_columns(
            chosen={}, register_id=register.pk, fields=fields, by=office.by, at=NOON
        )
        assert counts(office.work(explained)) == {"unchanged": 1}
        assert dict(RegisterHeader.objects.values_list("text", "field")) == fields
        assert counts(office.upload(row, headers=headers)) == {"unchanged": 1}

    def test_what_is_no_table_is_said_to_be_none(self, office):
        register = actions.start_import(
            data=b"%PDF-1.7", file_name="a.xlsx", media_type="x", as_of=DAY, by=office.by, at=NOON
        )
        register = office.work(register)

        assert register.state == ImportState.UNREADABLE
        assert problem_of(register) == register.job.problem != ""

    def test_a_stopped_reading_leaves_no_row_and_is_begun_anew(self, office):
        office.member("甲", 1)
        text = ",".join(HEADERS) + "\n" + ",".join(office.row("甲", 1))
        register = actions.start_import(
            data=text.encode(), file_name="a.csv", media_type="x", as_of=DAY, by=office.by, at=NOON
        )
        stop_job(job=register.job, by=office.by, at=NOON)
        register = office.work(register)
        assert (register.state, register.rows.count()) == (ImportState.READING, 0)
        with translation.override("en"):
            assert register.stage == "not read to its end"

        register = actions.reread_import(register_id=register.pk, by=office.by, at=NOON)
        assert counts(office.work(register)) == {"unchanged": 1}

    def test_id_numbers_lie_sealed_or_not_at_all(self, office):
        office.member("甲", 1)
        register = office.upload(office.row("甲", 1), office.row("乙", 3))
        row = RegisterRow.objects.get(kind=RowKind.NEW)

        assert decrypt(row.resident_id_encrypted) == resident_id(3)
        stored = "".join(str(value) for value in RegisterRow.objects.values_list())
        assert resident_id(3) not in stored
        assert resident_id(1) not in stored
        (path,) = settings.MEDIA_ROOT.iterdir()
        assert resident_id(3).encode() not in path.read_bytes()
        assert register.file is not None


class TestNothingIsGuessed:
    """What an office's table has lost or never held does not overwrite what is stored."""

    def by_number(self, office, member, *cells: str):
        return office.upload(
            [member.number, member.name, office.first.name, *cells],
            headers=["党员编号", "姓名", "党支部", "出生日期", "入党时间", "性别"][
                : 3 + len(cells)
            ],
        )

    def test_a_number_without_its_leading_zeros_is_the_same(self, office):
        member = office.member("甲", 1)
        Member.objects.filter(pk=member.pk).update(number="0010000012")
        cells = [office.first.name, "甲", resident_id(1), "10000012"]
        headers = ["党支部", "姓名", "身份证号", "党员编号"]

        assert counts(office.upload(cells, headers=headers)) == {"unchanged": 1}
        assert counts(office.upload([*cells[:2], "", "10000012"], headers=headers)) == {
            "unchanged": 1
        }

    def test_who_has_left_does_not_come_back_by_a_file_that_still_lists_them(self, office):
        member = office.member("甲", 1)
        departure = record_departure(
            member_id=member.pk,
            kind=DepartureKind.DEATH,
            on=DAY - timedelta(days=10),
            document="",
            by=office.by,
            at=NOON,
        ).departure
        row = office.row("甲", 1)

        assert counts(office.upload(row)) == {"refused": 1}
        before = office.upload(row, as_of=DAY - timedelta(days=11))
        assert counts(before) == {"unchanged": 1}

        take_back_departure(departure_id=departure.pk, reason="错", by=office.by, at=NOON)
        assert counts(office.upload(row)) == {"unchanged": 1}

    def test_a_number_of_ones_own_stays(self, office):
        office.member("甲", 1)
        register = office.upload(
            [office.first.name, "甲", resident_id(1), "777"],
            headers=["党支部", "姓名", "身份证号", "党员编号"],
        )

        assert [column for _, column, _ in problems(register)] == ["党员编号"]

    def test_a_month_alone_says_nothing_against_a_day_within_it(self, office):
        member = office.member("甲", 1)
        Member.objects.filter(pk=member.pk).update(
            birth_date=date(1970, 1, 17), joined_on=date(1995, 7, 15)
        )

        assert counts(self.by_number(office, member, "1970.01", "1995.7")) == {"unchanged": 1}
        register = self.by_number(office, member, "1970.01", "1995.8")
        office.apply(register)
        member.refresh_from_db()
        assert (member.birth_date, member.joined_on) == (date(1970, 1, 17), date(1995, 8, 1))

    @pytest.mark.parametrize("written", ["1996-07-15", "1996.7"])
    def test_the_day_of_full_membership_is_taken_over(self, office, written):
        member = office.member("甲", 1)
        headers = ["党员编号", "姓名", "党支部", "转正时间"]
        row = [member.number, member.name, office.first.name, written]

        office.apply(office.upload(row, headers=headers))

        member.refresh_from_db()
        assert (member.full_member_on.year, member.full_member_on.month) == (1996, 7)
        assert counts(office.upload(row, headers=headers)) == {"unchanged": 1}

    def test_nobody_was_a_full_member_before_joining(self, office):
        member = office.member("甲", 1)  # joined on 1 July 1995
        headers = ["党员编号", "姓名", "党支部", "转正日期"]
        register = office.upload(
            [member.number, member.name, office.first.name, "1995-06-30"], headers=headers
        )

        assert [column for _, column, _ in problems(register)] == ["转正日期"]

    @pytest.mark.parametrize(("born", "sex"), [("1971-01-01", ""), ("", "女")])
    def test_what_the_stored_id_number_says_is_not_changed_without_one(self, office, born, sex):
        member = office.member("甲", 1)
        register = self.by_number(office, member, born, "", sex)

        assert counts(register) == {"refused": 1}

    def test_an_organisation_that_ends_takes_nobody_in_and_keeps_its_own(self, office):
        office.member("甲", 1)
        office.member("乙", 3, office.second)
        type(office.second).objects.filter(pk=office.second.pk).update(
            period=period(START, DAY + timedelta(days=30))
        )
        register = office.upload(
            office.row("甲", 1, office.second),
            office.row("乙", 3, office.second),
            office.row("丙", 5, office.second),
        )

        assert counts(register) == {"refused": 2, "unchanged": 1}

    def test_an_organisation_closed_since_the_preview_sends_it_back(self, office):
        office.member("甲", 1)
        register = office.upload(office.row("甲", 1, office.second), office.row("乙", 3))
        type(office.second).objects.filter(pk=office.second.pk).update(period=period(START, DAY))
        register = office.apply(register)

        assert (register.state, Member.objects.count()) == (ImportState.READY, 1)
        assert counts(register) == {"refused": 1, "new": 1}

    def test_a_post_recorded_from_a_later_day_is_said(self, office):
        member = office.member("甲", 1)
        later = period(DAY + timedelta(days=9))
        member.posts.create(organisation=office.first, kind=PostKind.SECRETARY, period=later)
        register = office.upload(office.row("甲", 1, 职务="书记"))

        assert [column for _, column, _ in problems(register)] == ["任职"]

    def test_a_branch_gets_no_second_secretary(self, office):
        secretary = office.member("甲", 1)
        secretary.posts.create(
            organisation=office.first, kind=PostKind.SECRETARY, period=period(START)
        )
        register = office.upload(
            office.row("甲", 1, 职务="书记"),
            office.row("乙", 3, 职务="书记"),
            office.row("丙", 5, office.second, 职务="书记"),
            office.row("丁", 7, office.second, 职务="书记"),
        )

        assert [(row, column) for row, column, _ in problems(register)] == [
            (3, "任职"), (5, "任职"),
        ]  # fmt: skip
        assert counts(register) == {"unchanged": 1, "refused": 2, "new": 1}

    def test_a_row_of_members_is_never_taken_for_a_header(self, office):
        register = office.upload(office.row("甲", 1)[:3], headers=office.row("乙", 3)[:3])

        assert (register.state, register.headers) == (ImportState.UNMAPPED, [])


class TestWhatIsOver:
    """Past years, former officers and forgotten files."""

    @pytest.mark.parametrize("as_of", [date(2025, 12, 31), DAY + timedelta(days=1)])
    def test_only_days_of_this_year_up_to_today(self, office, as_of):
        with refused(RegisterError):
            office.upload(office.row("甲", 1), as_of=as_of)

        assert not RegisterImport.objects.exists()

    def test_a_register_of_last_year_is_not_applied_in_the_next(self, office):
        register = office.upload(office.row("甲", 1))
        with refused(RegisterError):
            actions.order_merge(
                register_id=register.pk,
                leave_out_refused=False,
                by=office.by,
                at=NOON + timedelta(days=300),
            )

    def test_who_has_left_the_office_applies_nothing(self, office):
        register = office.upload(office.row("甲", 1))
        office.grant.delete()
        register = office.apply(register)

        assert (register.state, register.job.state) == (ImportState.READY, JobState.FAILED)
        assert not Member.objects.exists()

    def test_a_file_that_is_gone_ends_the_reading_in_words(self, office):
        register = office.upload(office.row("甲", 1))
        StoredFile.objects.all().delete()
        register = actions.reread_import(register_id=register.pk, by=office.by, at=NOON)
        register = office.work(register)

        assert (register.state, register.job.state) == (ImportState.UNREADABLE, JobState.FAILED)

    def test_a_forgotten_import_is_given_up_with_all_that_it_held(self, office):
        register = office.upload(office.row("甲", 1))
        soon, late = NOON + timedelta(days=29), NOON + timedelta(days=31)

        assert actions.discard_forgotten(by=acting(None, ActorChannel.TASK), at=soon) == 0
        assert actions.discard_forgotten(by=acting(None, ActorChannel.TASK), at=late) == 1
        register.refresh_from_db()
        assert (register.state, register.rows.count()) == (ImportState.DISCARDED, 0)

    def test_a_file_name_with_an_id_number_is_refused(self, office):
        with refused(RegisterError):
            actions.start_import(
                data=b"x", file_name=f"张伟{resident_id(1)}.csv", media_type="x", as_of=DAY,
                by=office.by, at=NOON,
            )  # fmt: skip


class TestApplying:
    def test_all_of_it_is_written_with_an_entry_for_each_member(self, office):
        changed, moved = office.member("甲", 1), office.member("乙", 3)
        Post.objects.create(
            member=moved, organisation=office.first, kind=PostKind.SECRETARY, period=period(START)
        )
        register = office.apply(
            office.upload(
                office.row("甲甲", 1, 手机号="13900139000"),
                office.row("乙", 3, office.second),
                office.row("𠮷·㐂", 5, 职务="书记"),
            )
        )

        assert register.state == ImportState.APPLIED
        changed.refresh_from_db()
        assert (changed.name, changed.name_initials, changed.phone) == ("甲甲", "jj", "13900139000")
        assert list(moved.memberships.order_by("period").values_list("organisation", "period")) == [
            (office.first.pk, period(START, DAY)),
            (office.second.pk, period(DAY)),
        ]
        assert moved.posts.get().period == period(START, DAY)
        new = Member.objects.get(name="𠮷·㐂")
        assert (new.sex, new.birth_date, new.joined_on) == (
            "m", date(1970, 1, 1), date(1995, 7, 1),
        )  # fmt: skip
        assert decrypt(new.resident_id_encrypted) == resident_id(5)
        assert new.number == "1010000001"
        assert new.memberships.get().period == period(DAY)
        assert new.posts.get().kind == PostKind.SECRETARY
        entries = AuditEntry.objects.filter(object_type="trainees.member")
        assert sorted(entries.values_list("act", "object_label")) == [
            ("import_change", "乙"), ("import_change", "甲甲"), ("import_member", "𠮷·㐂"),
        ]  # fmt: skip
        applied = AuditEntry.objects.get(act="apply_register")
        for entry in (applied, *entries):
            assert (entry.actor, entry.channel) == (office.user, ActorChannel.WEB)
            assert entry.address == office.by.address

    def test_the_same_file_again_changes_nothing(self, office):
        office.member("甲", 1)
        rows = [office.row("甲", 1, office.second, 手机号="13900139000", 职务="委员"),
                office.row("乙", 3, 党员状态="失联", 职务="副书记")]  # fmt: skip
        office.apply(office.upload(*rows))

        assert counts(office.upload(*rows)) == {"unchanged": 2}

    def test_the_file_is_deleted_once_it_is_applied(
        self, office, django_capture_on_commit_callbacks
    ):
        register = office.upload(office.row("甲", 1))
        with django_capture_on_commit_callbacks(execute=True):
            office.apply(register)

        assert not StoredFile.objects.exists()
        assert list(settings.MEDIA_ROOT.iterdir()) == []

    def test_refused_rows_stop_it_unless_they_are_left_out(self, office):
        register = office.upload(office.row("甲", 1), office.row("乙", 3, 手机号="1"))
        with pytest.raises(RegisterError):
            office.apply(register)
        assert not Member.objects.exists()

        office.apply(register, leave_out=True)
        assert [member.name for member in Member.objects.all()] == ["甲"]

    def test_a_member_changed_since_the_preview_sends_it_back(self, office):
        member = office.member("甲", 1)
        register = office.upload(office.row("甲", 1, 手机号="13900139000"), office.row("乙", 3))
        Member.objects.filter(pk=member.pk).update(phone="13700137000")
        register = office.apply(register)

        assert Member.objects.count() == 1
        assert problem_of(register)
        assert only(register, RowKind.CHANGED)["changes"] == [
            ("手机号", "137****7000", "139****9000")
        ]
        office.apply(register)
        assert Member.objects.get(pk=member.pk).phone == "13900139000"

    def test_a_member_of_whom_it_said_nothing_new_is_compared_again_too(self, office):
        member = office.member("甲", 1)
        register = office.upload(office.row("甲", 1), office.row("乙", 3))
        office.apply(office.upload(office.row("甲", 1, 手机号="13700137000")))
        register = office.work(office.apply(register))

        assert (register.state, Member.objects.count()) == (ImportState.READY, 1)
        assert problem_of(register)
        assert counts(register) == {"changed": 1, "new": 1}
        assert office.apply(register).state == ImportState.APPLIED
        assert Member.objects.get(pk=member.pk).phone == "13800138000"

    def test_two_registers_one_after_the_other_add_nobody_twice(self, office):
        first, second = (office.upload(office.row("甲", 1)) for _ in range(2))
        office.apply(first)
        second = office.apply(second)

        assert (second.state, counts(second)) == (ImportState.NOTHING, {"unchanged": 1})
        assert Member.objects.count() == 1

    def test_it_is_applied_once_however_often_its_job_runs(self, office):
        register = office.apply(office.upload(office.row("甲", 1)))
        type(register.job).objects.update(state=JobState.RUNNING, ended_at=None)
        office.work(register)

        assert Member.objects.count() == 1
        assert AuditEntry.objects.filter(act="apply_register").count() == 1

    def test_what_fails_at_the_very_end_leaves_nothing(self, office, monkeypatch):
        def fail(**_):
            raise RuntimeError

        member = office.member("甲", 1)
        register = office.upload(office.row("甲", 1, 手机号="13900139000"), office.row("乙", 3))
        monkeypatch.setattr(register_merge, "record_acts", fail)
        register = office.apply(register)

        assert (register.state, register.job.state) == (ImportState.READY, JobState.FAILED)
        member.refresh_from_db()
        assert (Member.objects.count(), member.phone) == (1, "13800138000")
        monkeypatch.undo()
        assert office.apply(register).state == ImportState.APPLIED

    @pytest.mark.django_db(transaction=True)
    def test_while_it_is_applied_its_progress_is_seen_and_a_stop_is_obeyed(
        self, office, monkeypatch
    ):
        member = office.member("甲", 1)
        register = office.upload(office.row("甲", 1, 手机号="13900139000"), office.row("乙", 3))
        seen = []

        def stop_from_elsewhere():
            job = RegisterImport.objects.get(pk=register.pk).job
            seen.append((job.done, job.total))
            stop_job(job=job, by=office.by, at=NOON)
            connection.close()

        def record_the_last(**what):
            with ThreadPoolExecutor(1) as pool:
                pool.submit(stop_from_elsewhere).result()

        monkeypatch.setattr(register_merge, "record_acts", record_the_last)
        register = office.apply(register)

        assert seen[0] == (4, 6)
        assert (register.state, register.job.state) == (ImportState.READY, JobState.STOPPED)
        member.refresh_from_db()
        assert (Member.objects.count(), member.phone) == (1, "13800138000")
        assert not AuditEntry.objects.filter(act="apply_register").exists()
        monkeypatch.undo()
        assert office.apply(register).state == ImportState.APPLIED

    def test_a_transfer_on_the_day_a_membership_began_puts_it_right(self, office):
        member = office.member("甲", 1)
        member.memberships.update(period=period(DAY))
        office.apply(office.upload(office.row("甲", 1, office.second)))

        membership = member.memberships.get()
        assert (membership.organisation, membership.period) == (office.second, period(DAY))

    def test_a_transfer_before_another_one_that_is_recorded_is_refused(self, office):
        member = office.member("甲", 1)
        later = DAY + timedelta(days=30)
        member.memberships.update(period=period(START, later))
        member.memberships.create(organisation=office.second, period=period(later))
        register = office.upload(office.row("甲", 1, office.second))

        assert [column for _, column, _ in problems(register)] == ["党组织"]

    def test_a_transfer_from_where_a_post_begins_later_is_refused(self, office):
        member = office.member("甲", 1)
        member.posts.create(organisation=office.first, kind=PostKind.SECRETARY, period=period(DAY))
        register = office.upload(office.row("甲", 1, office.second))

        assert [column for _, column, _ in problems(register)] == ["党组织"]

    def test_who_loses_a_secretarys_post_is_signed_out(self, office):
        member = office.member("甲", 1)
        member.user = factories.make_user()
        member.save()
        member.posts.create(
            organisation=office.first, kind=PostKind.SECRETARY, period=period(START)
        )
        office.apply(office.upload(office.row("甲", 1, office.second)))

        member.user.refresh_from_db()
        assert member.user.session_epoch == 1

    def test_each_post_that_ends_gets_an_entry_of_its_own(self, office):
        posts = []
        for serial, name in ((1, "甲"), (2, "乙")):
            member = office.member(name, serial)
            days = {"organisation": office.first, "period": period(START)}
            posts.append(member.posts.create(kind=PostKind.COMMITTEE_MEMBER, **days))
        register = office.upload(
            office.row("甲", 1, office.second), office.row("乙", 2, office.second)
        )
        office.apply(register)

        entries = sorted(
            AuditEntry.objects.filter(act="end_post"), key=lambda entry: int(entry.object_id)
        )
        assert [entry.object_id for entry in entries] == [str(post.pk) for post in posts]
        for entry, post in zip(entries, posts, strict=True):
            former = str(post.period)
            post.refresh_from_db()
            assert (entry.object_type, entry.object_label) == ("trainees.post", str(post))
            assert entry.before == {"period": former}
            assert entry.after == {"period": str(post.period), "register": register.pk}
        assert not find_broken_digests()

    def test_the_name_of_the_account_follows(self, office):
        member = office.member("甲", 1)
        member.user = factories.make_user(display_name="甲")
        member.save()
        office.apply(office.upload(office.row("甲甲", 1)))

        member.user.refresh_from_db()
        assert member.user.display_name == "甲甲"

    @pytest.mark.parametrize(("taken", "expected"), [(False, "13900139000"), (True, "13800138000")])
    def test_the_phone_to_sign_in_with_follows_unless_it_is_anothers(self, office, taken, expected):
        member = office.member("甲", 1)
        member.user = factories.make_user(phone="13800138000")
        member.save()
        if taken:
            factories.make_user(phone="13900139000")
        office.apply(office.upload(office.row("甲", 1, 手机号="13900139000")))

        member.user.refresh_from_db()
        assert member.user.phone == expected
        assert AuditEntry.objects.filter(act="follow_phone").exists() != taken

    def test_another_membership_status_begins_a_membership_of_its_own(self, office):
        member = office.member("甲", 1)
        office.apply(office.upload(office.row("甲", 1, 党员状态="停止党籍")))

        assert list(
            member.memberships.order_by("period").values_list("membership_status", "period")
        ) == [
            (MembershipStatus.NORMAL, period(START, DAY)),
            (MembershipStatus.SUSPENDED, period(DAY)),
        ]

    def test_who_left_and_comes_back_gets_a_membership(self, office):
        member = office.member("甲", 1)
        member.memberships.update(period=period(START, DAY - timedelta(days=90)))
        office.apply(office.upload(office.row("甲", 1, office.second)))

        assert member.memberships.get(period__contains=DAY).organisation == office.second

    def test_a_discarded_import_keeps_neither_file_nor_rows(self, office):
        register = office.upload(office.row("甲", 1))
        actions.discard_import(register_id=register.pk, by=office.by, at=NOON)
        register.refresh_from_db()

        assert (register.state, register.rows.count()) == (ImportState.DISCARDED, 0)
        assert not StoredFile.objects.exists()
        with pytest.raises(RegisterError):
            office.apply(register)

    def test_rows_of_old_imports_are_swept_and_open_ones_stay(self, office):
        over = office.apply(office.upload(office.row("甲", 1)))
        waiting = office.upload(office.row("乙", 3))
        actions.sweep_imports(before=NOON + timedelta(days=1))

        assert (over.rows.count(), waiting.rows.count()) == (0, 2)


def test_every_field_but_the_ignored_one_has_a_place_in_a_line():
    from trainees.imports.rows import RegisterLine

    fields = {field for field in RegisterField.values if field != RegisterField.IGNORED}
    names = {"organisation_id" if f == "organisation" else f for f in fields}
    assert names <= set(RegisterLine.__slots__)
