"""Codes of slips: no look-alikes, read back however they are typed."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from accounts.codes import (
    ALPHABET,
    OF_DOCUMENT,
    OF_SLIP,
    clean_code,
    draw_code,
    fingerprint_code,
    format_code,
)


def test_no_two_signs_look_alike():
    for pair in ("0OD"[:2], "1I", "1L", "2Z", "5S", "8B", "UV"):
        assert len(set(pair) & set(ALPHABET)) <= 1, pair
    assert len(set(ALPHABET)) == len(ALPHABET)


@pytest.mark.parametrize(
    ("shape", "pattern"), [(OF_SLIP, "XXXXX-XXXXX"), (OF_DOCUMENT, "XXXX-XXXX-XXXX-XXXX")]
)
def test_a_drawn_code_is_read_back_from_what_the_paper_shows(shape, pattern):
    assert shape.pattern == pattern
    for _ in range(50):
        code = draw_code(shape)
        assert len(code) == shape.length
        assert clean_code(format_code(code, shape), shape) == code


@pytest.mark.parametrize(
    "typed",
    [
        "ACDEF-GHJKM",
        "acdefghjkm",
        " acdef ghjkm ",
        "AcDeF—gHjKm",
        "ＡＣＤＥＦ－ＧＨＪＫＭ",
        "A C D E F G H J K M",
    ],
)
def test_case_hyphen_and_width_do_not_matter(typed):
    assert clean_code(typed) == "ACDEFGHJKM"


@pytest.mark.parametrize(
    "typed", ["ACDEF", "ACDEF-GHJKM4", "ACDEF-GHJK0", "", "党员党员党员党员党员"]
)
def test_what_no_slip_shows_is_refused(typed):
    with pytest.raises(ValidationError):
        clean_code(typed)


def test_the_same_code_of_two_accounts_has_two_fingerprints():
    assert fingerprint_code(1, "ACDEFGHJKM") != fingerprint_code(2, "ACDEFGHJKM")
