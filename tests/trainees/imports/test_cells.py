"""Cells of a register: a value that is certain, or a reason in the office's words."""

from __future__ import annotations

from datetime import date

import pytest

from backstage.imports.reasons import CellError
from trainees.enums import RegisterField
from trainees.imports import cells


class TestPhone:
    @pytest.mark.parametrize(
        "cell",
        ["13800138000", 13800138000.0, "138 0013 8000", "+8613800138000", "138-0013-8000",
         "(+86)13800138000", "（＋86）138—0013—8000", "86 13800138000", 8613800138000.0,
         "0086-138-0013-8000", "013800138000", "+86-(138)0013.8000"],
    )  # fmt: skip
    def test_a_mobile_number_from_text_or_number(self, cell):
        assert cells.read_phone(cell) == "13800138000"

    @pytest.mark.parametrize(
        "cell",
        ["022-27391234", 138.5, float("inf"), "1380013800", True, date(2020, 1, 1),
         "13800138000/13900139000", "138001380001", "13800138000转8", "+85213800138000",
         "1380013ABCD", "13800138000-8", "无"],
    )  # fmt: skip
    def test_anything_else_is_refused(self, cell):
        with pytest.raises(CellError):
            cells.read_phone(cell)


class TestText:
    @pytest.mark.parametrize("text", ["𠮷·㐂", "=1+1", "+86", "-张", "@王"])
    def test_text_stays_text(self, text):
        assert cells.read_name(text) == text

    def test_full_width_spaces_and_separators_are_made_alike(self):
        assert cells.read_name("　阿卜杜拉•买买提　") == "阿卜杜拉·买买提"

    @pytest.mark.parametrize("cell", [1.0, True, date(2020, 1, 1), "长" * 81])
    def test_no_name_is_a_number_or_endless(self, cell):
        with pytest.raises(CellError):
            cells.read_name(cell)

    def test_a_member_number_may_be_a_whole_number_cell(self):
        assert cells.read_number(1010000002.0) == "1010000002"
        with pytest.raises(CellError):
            cells.read_number(10.5)


class TestWords:
    @pytest.mark.parametrize(
        ("word", "field", "value"),
        [
            ("男", RegisterField.SEX, "m"),
            ("Female", RegisterField.SEX, "f"),
            ("预备党员", RegisterField.MEMBERSHIP_STATUS, "normal"),
            ("停止党籍", RegisterField.MEMBERSHIP_STATUS, "suspended"),
            ("失 联", RegisterField.MEMBERSHIP_STATUS, "lost_contact"),
            ("支部书记", RegisterField.POST, "secretary"),
            ("无", RegisterField.POST, "none"),
        ],
    )
    def test_words_of_offices(self, word, field, value):
        assert cells.read_word(word, field) == value

    def test_an_unknown_word_is_answered_with_those_known(self):
        with pytest.raises(CellError, match="停止党籍"):
            cells.read_word("不详", RegisterField.MEMBERSHIP_STATUS)
