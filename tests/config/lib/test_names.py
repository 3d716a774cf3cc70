"""Names: every character kept, one separator, sorted by pinyin and found by initials."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lib.names import (
    SEPARATOR,
    clean_name,
    clean_text,
    name_key,
    pinyin_forms,
    search_key,
)

RARE = "𠮷㐂𬎆䶮"


class TestACleanName:
    @pytest.mark.parametrize("name", ["张伟", "𠮷田㐂", f"李{RARE}", "欧阳娜娜"])
    def test_keeps_every_character(self, name):
        assert clean_name(name) == name

    @pytest.mark.parametrize(
        ("typed", "name"),
        [(" 张　伟 ", "张伟"), ("ＡＮＮＡ li", "Anna Li"), ("买买提•艾力", "买买提·艾力")],
    )
    def test_is_compared_without_width_case_and_spaces(self, typed, name):
        assert name_key(typed) == name_key(name)

    def test_is_compared_sign_by_sign(self):
        assert name_key("张伟") != name_key("张炜")

    @pytest.mark.parametrize("dot", ["·", "•", "・", "‧", "∙", "⋅"])
    def test_has_one_separator(self, dot):
        assert clean_name(f"买买提{dot}艾力") == f"买买提{SEPARATOR}艾力"
        assert SEPARATOR == "\u00b7"

    @pytest.mark.parametrize("dot", [".", "．", "･", " · ", "• ", " .", "﹒"])
    def test_is_one_name_with_any_dot_and_spaces_around_it(self, dot):
        assert clean_name(f"买买提{dot}艾力") == f"买买提{SEPARATOR}艾力"
        assert name_key(f"买买提{dot}艾力") == name_key(f"买买提{SEPARATOR}艾力")

    @pytest.mark.parametrize("name", ["J. Smith", "Anna Li", "Anna Li Jr.", "张伟.", "A.B.艾力"])
    def test_keeps_stops_and_spaces_that_separate_no_chinese_signs(self, name):
        assert clean_name(name) == name

    @pytest.mark.parametrize(
        "typed", [" 张 伟 ", "\u3000张\u3000\u3000伟", "张\t伟\n", "张\u00a0伟"]
    )
    def test_has_no_padding(self, typed):
        assert clean_name(typed) == "张伟"
        assert clean_text(typed) == "张 伟"

    @given(st.text() | st.text(st.sampled_from("张伟a. ．·•\u3000𠮷")))
    def test_stays_as_it_is_when_cleaned_again(self, text):
        for clean in (clean_name, clean_text):
            assert clean(clean(text)) == clean(text)

    @given(st.text(st.sampled_from("张伟ab. ．·•\u3000𠮷")))
    def test_is_the_same_name_before_and_after_cleaning(self, text):
        assert name_key(clean_name(text)) == name_key(text)

    def test_is_searched_for_without_width_spaces_and_separators(self):
        assert search_key(" 买买提 ． 艾力") == "买买提艾力"
        assert search_key("ｍｍｔ·ａｌ") == "mmtal"
        assert search_key("·") == "·"


class TestPinyin:
    @pytest.mark.parametrize(
        ("name", "key", "initials"),
        [
            ("张伟", "zhang wei", "zw"),
            ("欧阳娜娜", "ou yang na na", "oynn"),
            ("李㐂", "li 㐂", "l㐂"),  # a character of unknown reading stands for itself
            ("Anna Li", "anna li", "anna li"),
            ("第12党支部", "di 12 dang zhi bu", "d12dzb"),
        ],
    )
    def test_sorts_and_finds(self, name, key, initials):
        assert pinyin_forms(name) == (key, initials)

    @pytest.mark.parametrize("name", [RARE, "买买提·艾力", "𠮷"])
    def test_of_a_rare_name_fits_its_columns_and_is_never_empty(self, name):
        full, initials = pinyin_forms(name)

        assert 0 < len(full) <= 200
        assert 0 < len(initials) <= 80

    def test_orders_names_as_a_reader_looks_for_them(self):
        names = ["赵云", "张伟", "李芳", "安宁", "张薇"]

        assert sorted(names, key=pinyin_forms) == ["安宁", "李芳", "张伟", "张薇", "赵云"]
