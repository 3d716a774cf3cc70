"""The Chinese catalogue is set as Chinese is: full-width punctuation, and spaces at Latin signs."""

import pytest

from config.translations import list_problems, list_slips


def test_the_catalogue_has_no_problem():
    assert list_problems() == []


@pytest.mark.parametrize(
    "text",
    [
        "党员(学员)",
        "党员,学员",
        "请稍候!",
        "姓名: %(name)s",
        "第 3 行 (见下)",
        "；,",
        "自,%(name)s起",
    ],
)
def test_half_width_punctuation_beside_chinese_is_refused(text):
    assert list_slips(text) == ["half-width punctuation beside Chinese"]


@pytest.mark.parametrize(
    "text", ["共3行", "用XLSX上传", "共%(n)s行", "自%(day)s起", "已于%(at)s提交", "共%(total)d 行"]
)
def test_latin_and_digits_stand_apart_from_chinese(text):
    assert list_slips(text) == ["no space between Chinese and Latin or digits"]


@pytest.mark.parametrize(
    "text",
    [
        "党员（学员）：共 %(n)s 名，自 %(day)s 起",
        "%(name)s并入%(into)s",
        "XXXXX-XXXXX (A, B): C; D",
        "比例（%(n)s%%）",
        "2026-11-24 09:30",
    ],
)
def test_what_is_set_well_passes(text):
    assert list_slips(text) == []
