"""Headers in an office's own words, wherever they stand."""

from __future__ import annotations

import pytest

from trainees.enums import RegisterField
from trainees.imports.columns import find_header, known_words, missing_fields

F = RegisterField


@pytest.mark.parametrize(
    "texts",
    [
        ["支部名称", "姓名", "手机号", "身份证号", "性别", "入党时间", "状态"],
        ["所在党支部", "姓 名", "联系电话", "公民身份号码", "性别", "入党日期", "党员状态"],
        ["*所在党组织", "姓名（必填）", "手机", "身份证号码(文本)", "性别：", "入党年月", "状态 "],
        ["Party organisation", "Name", "Phone", "Resident ID number", "Sex",
         "Joined the Party on", "Standing"],
    ],
)  # fmt: skip
def test_an_offices_own_words_are_known(texts):
    header = find_header([texts], {})

    assert list(header.columns) == [
        F.ORGANISATION, F.NAME, F.PHONE, F.RESIDENT_ID, F.SEX, F.JOINED_ON, F.MEMBERSHIP_STATUS,
    ]  # fmt: skip
    assert missing_fields(header) == []


def test_titles_above_the_header_are_passed_over():
    rows = [["西青区党员名册", None], [None, None], ["截至 2026 年", None, "单位：人"],
            ["姓名", "身份证号", "所在支部"], ["张伟", "1", "一支部"]]  # fmt: skip

    assert find_header(rows, {}).place == 3


def test_what_was_said_by_hand_goes_before_the_known_words():
    header = find_header([["谁", "证件", "部门", "姓名"]], {"谁": "name", "姓名": "ignored"})

    assert header.columns == {F.NAME: 0}
    assert header.unknown == ["证件", "部门"]
    assert missing_fields(header) == [F.ORGANISATION, F.RESIDENT_ID]


def test_a_member_number_serves_where_there_is_no_id_number():
    assert missing_fields(find_header([["党员编号", "姓名", "党支部"]], {})) == []


def test_without_a_known_word_the_fullest_row_is_offered_for_explanation():
    header = find_header([["甲"], ["一", "二", "三"], ["王", None, None]], {})

    assert header.place == 1
    assert header.unknown == ["一", "二", "三"]


def test_a_table_without_texts_has_no_header():
    assert find_header([[1.0, 2.0], [None, "x"]], {}) is None


def test_two_columns_for_one_field_are_named_and_neither_is_read():
    header = find_header([["姓名", "手机", "联系电话"]], {})

    assert header.columns == {F.NAME: 0}
    assert header.doubled == [1, 2]
    chosen = header.as_chosen({"2": ("联系电话", F.IGNORED), "1": ("手机号", F.POST)})
    assert (chosen.doubled, chosen.columns[F.PHONE]) == ([], 1)


def test_no_header_means_two_things():
    assert len(known_words()) >= 60
