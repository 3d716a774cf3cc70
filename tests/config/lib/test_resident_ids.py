"""Resident ID numbers after GB 11643-1999: 17 digits, a check character, a real date of birth."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import assume, given
from hypothesis import strategies as st

from config.lib.resident_ids import (
    birth_date_of,
    clean_resident_id,
    holds_plain_id,
    holds_resident_id,
    mask_resident_id,
)

# The worked example of the standard itself.
STANDARD = "11010519491231002X"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"


def with_check(first_17: str) -> str:
    """The number with the check character that the standard's table gives."""
    total = sum(int(digit) * weight for digit, weight in zip(first_17, WEIGHTS, strict=True))
    return first_17 + CHECKS[total % 11]


numbers = st.builds(
    lambda county, born, order: with_check(f"{county}{born:%Y%m%d}{order:03}"),
    st.sampled_from(["120111", "110105", "120103", "310101", "440106"]),
    st.dates(date(1992, 1, 1), date(2007, 12, 31)),
    st.integers(0, 999),
)


def is_refused(text: str) -> bool:
    try:
        clean_resident_id(text)
    except ValidationError:
        return True
    return False


class TestANumber:
    @pytest.mark.parametrize("typed", [STANDARD, STANDARD.lower(), f"  {STANDARD}\t\n"])
    def test_is_kept_in_its_one_form(self, typed):
        assert clean_resident_id(typed) == STANDARD

    @given(numbers)
    def test_with_its_check_character_is_accepted(self, number):
        assert clean_resident_id(number) == number
        assert clean_resident_id(number.lower()) == number

    @given(numbers, st.integers(0, 16), st.integers(0, 9))
    def test_with_one_digit_mistyped_is_refused(self, number, place, digit):
        assume(number[place] != str(digit))

        assert is_refused(number[:place] + str(digit) + number[place + 1 :])

    @given(numbers, st.sampled_from(CHECKS))
    def test_has_one_check_character_and_no_other(self, number, check):
        assert is_refused(number[:-1] + check) is (number[-1] != check)

    @given(numbers, st.integers(0, 15))
    def test_with_two_neighbours_swapped_is_refused(self, number, place):
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        assume(swapped != number)

        assert is_refused(swapped)

    @pytest.mark.parametrize(
        "typed",
        [
            "",
            "110105491231002",  # the form before 1999, of 15 digits
            STANDARD[:17],
            STANDARD + "0",
            "1.10105194912310E+17",  # what a number cell of a spreadsheet leaves
            "110105194912310000",
            "A1010519491231002X",
            "1101051949123100XX",
            STANDARD.replace("X", "Y"),
        ],
    )
    def test_of_another_form_is_refused(self, typed):
        assert is_refused(typed)

    @pytest.mark.parametrize(
        "born", ["19490229", "19000229", "19491301", "19490001", "19490431", "19491200", "00000101"]
    )
    def test_with_an_impossible_date_of_birth_is_refused(self, born):
        assert is_refused(with_check(f"110105{born}002"))

    def test_refused_is_refused_in_words(self):
        with pytest.raises(ValidationError) as caught:
            clean_resident_id("1")

        assert caught.value.code == "resident_id"
        assert caught.value.messages[0]

    @pytest.mark.parametrize("born", ["19480229", "20000229"])
    def test_with_a_leap_day_is_accepted(self, born):
        assert not is_refused(with_check(f"110105{born}002"))

    @pytest.mark.parametrize(
        ("county", "born"),
        [
            ("120221", "19550101"),  # Ninghe county, where codes of counties changed in 1982
            ("120222", "19600101"),  # Wuqing county
            ("120223", "19720101"),  # Jinghai county
            ("120225", "19810101"),  # Ji county
            ("110221", "19450101"),  # Changping county
            ("120107", "19700101"),  # Tanggu, merged in 2009
        ],
    )
    def test_carries_the_county_of_its_first_register_entry_not_of_its_birth_year(
        self, county, born
    ):
        """Numbers were first given out in 1984, to everybody, by the codes of that time."""
        assert not is_refused(with_check(f"{county}{born}002"))


@given(numbers)
def test_a_number_carries_the_date_of_birth(number):
    assert birth_date_of(number).strftime("%Y%m%d") == number[6:14]


@given(numbers)
def test_a_masked_number_shows_three_and_two_characters(number):
    masked = mask_resident_id(number)

    assert masked == number[:3] + "*" * 13 + number[-2:]
    assert not holds_resident_id(masked)


class TestANumberInAText:
    @given(numbers, st.text(st.characters(categories=["Lo", "P", "Zs"]), max_size=10))
    def test_is_seen_whatever_stands_around_it(self, number, around):
        assert holds_resident_id(f"{around}{number}{around}")
        assert holds_resident_id(number.lower())

    @pytest.mark.parametrize("text", ["13800000000", "70000001", "12011110100010001", "X", ""])
    def test_is_not_seen_in_phones_member_numbers_and_codes(self, text):
        assert not holds_resident_id(text)

    @pytest.mark.parametrize("text", [f"9{STANDARD}", f"{STANDARD}0", "1" * 19])
    def test_is_not_seen_in_a_longer_run_of_digits(self, text):
        assert not holds_resident_id(text)

    @pytest.mark.parametrize(
        "groups",
        [
            "110105 19491231 002X",
            "110105-1949-1231-002x",
            "110 105 194 912 310 02X",
            "110105\u300019491231\u3000002X",
            "１１０１０５－１９４９１２３１－００２Ｘ",
            "1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X",
            "110105_19491231_002X.jpg",
            "110105 . 19491231 . 002X",
            "110105\u201419491231\u2014002X",
        ],
    )
    def test_is_seen_in_groups_and_in_full_width(self, groups):
        assert holds_resident_id(f"张三 {groups} 签到")

    @pytest.mark.parametrize(
        "text",
        [
            "13800000000 13900000000",
            "2026-11-30 2026-12-01 12",
            "2026-11-30 09:00-12:00, 2026-12-01 14:00-17:00",
            "6222 0202 0011 2233 445",
            "12 34 56 78 90 12 34 56 78",
        ],
    )
    def test_is_not_seen_in_other_figures_side_by_side(self, text):
        assert not holds_resident_id(text)


class TestDigests:
    DIGEST = "ab" * 10 + "110105194912310021" + "cd" * 13

    def test_have_figures_in_a_row_by_chance(self):
        assert len(self.DIGEST) == 64
        assert not holds_plain_id(f'{{"sha256": "{self.DIGEST}"}}')

    @pytest.mark.parametrize("around", ["{}", "a{}b", "0a{}"])
    def test_do_not_hide_a_number_beside_them(self, around):
        assert holds_plain_id(f"{self.DIGEST} {around.format(STANDARD)}")
        assert holds_plain_id(around.format("110105194912310021"))
