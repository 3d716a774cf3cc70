"""Names: every character kept, one separator, sorted by pinyin and found by initials."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lib.names import SEPARATOR, clean_name, pinyin_forms

RARE = "𠮷㐂𬎆䶮"


class TestACleanName:
    @pytest.mark.parametrize("name", ["张伟", "𠮷田㐂", f"李{RARE}", "欧阳娜娜"])
    def test_keeps_every_character(self, name):
        assert clean_name(name) == name

    @pytest.mark.parametrize("dot", ["·", "•", "・", "‧", "∙", "⋅"])
    def test_has_one_separator(self, dot):
        assert clean_name(f"买买提{dot}艾力") == f"买买提{SEPARATOR}艾力"
        assert SEPARATOR == "\u00b7"

    @pytest.mark.parametrize(
        "typed", [" 张 伟 ", "\u3000张\u3000\u3000伟", "张\t伟\n", "张\u00a0伟"]
    )
    def test_has_single_plain_spaces_inside_and_none_around(self, typed):
        assert clean_name(typed) == "张 伟"

    @given(st.text())
    def test_stays_as_it_is_when_cleaned_again(self, text):
        assert clean_name(clean_name(text)) == clean_name(text)


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
