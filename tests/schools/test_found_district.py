"""`manage.py found_district`: the same founding as on the pages, all or nothing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config.lib.periods import in_force, today
from schools.demo import network
from schools.models import District, Organisation, Placement, School, Township, Village

pytestmark = pytest.mark.django_db

PUBLIC_TABLES = Path(network.__file__).resolve().parent / "data"
TOP = "120111,中共西青区委员会,区委,,"
COMMITTEE = "11,杨柳青镇党委,党委,120111,120111101"
BRANCH = "111,一街村党支部,党支部,11,"


@pytest.fixture
def found(tmp_path):
    """Runs the command with tables of these rows, and returns what it printed."""

    def run(*tree: str, schools: str = "120111101,杨柳青镇党校,120111101 120111103") -> str:
        school_file, tree_file = tmp_path / "党校.csv", tmp_path / "党组织.csv"
        school_file.write_text(f"代码,名称,街镇代码\n{schools}", encoding="gb18030")
        rows = "\n".join(["代码,名称,级别,上级代码,街镇代码", *tree])
        tree_file.write_text(rows, encoding="utf-8-sig")
        printed = io.StringIO()
        divisions = [PUBLIC_TABLES / f"xiqing_{name}.csv" for name in ("townships", "villages")]
        call_command(
            "found_district",
            "120111",
            "西青区",
            divisions=divisions,
            schools=[school_file],
            tree=[tree_file],
            stdout=printed,
        )
        return printed.getvalue()

    return run


def test_a_whole_district_is_founded_from_the_public_tables(found):
    printed = found(BRANCH, COMMITTEE, TOP)

    assert "286 新增" in printed
    assert (District.objects.count(), Township.objects.count(), Village.objects.count()) == (
        1, 12, 286,
    )  # fmt: skip
    assert School.objects.get().areas.count() == 2
    branch = Placement.objects.in_force(today()).get(organisation__code="111")
    assert branch.parent.placements.get().parent == Organisation.objects.get(code="120111")
    since = today().replace(month=1, day=1)
    assert Organisation.objects.filter(in_force(since)).count() == 3


def test_a_second_run_changes_nothing_and_says_so(found):
    found(TOP, COMMITTEE)

    printed = found(TOP, COMMITTEE)

    assert "已有" in printed.splitlines()[-1]


def test_one_refused_row_undoes_the_whole_and_is_named(found, capsys):
    with pytest.raises(CommandError, match="1 行"):
        found(TOP, COMMITTEE, "12,甲党委,党委,120111,120111999")

    assert not District.objects.exists()


def test_each_refused_row_is_printed_with_column_and_reason(tmp_path):
    tree = tmp_path / "a.csv"
    tree.write_text("代码,名称,级别,上级代码\n1,甲支部,党支部,2", encoding="utf-8")
    printed = io.StringIO()

    with pytest.raises(CommandError):
        call_command("found_district", "120111", "西青区", tree=[tree], stdout=printed)

    assert "第 2 行 上级代码：系统和本文件中都没有此代码的党组织。" in printed.getvalue()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [(("12011", "西青区"), "6 位"), (("120111", "西青区", "--tree", "/nowhere.csv"), "nowhere")],
)
def test_what_cannot_be_founded_is_refused_in_one_line(arguments, reason):
    with pytest.raises(CommandError, match=reason) as refusal:
        call_command("found_district", *arguments, stdout=io.StringIO())
    assert "\n" not in str(refusal.value)
    assert not District.objects.exists()


def test_another_district_is_left_alone(found):
    District.objects.create(code="120112", name="津南区")

    with pytest.raises(CommandError, match="津南区"):
        found(TOP)
