"""Codes at the door: they change, they are nobody else's, and no altered one passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.codes import ALPHABET
from rolls import codes
from rolls.codes import (
    STEP_SECONDS,
    clean_code,
    draw_card_code,
    find_typed,
    fingerprint_card,
    format_code,
    make_live_code,
    make_typed_code,
    read_code,
    seconds_left,
    typed_code_of_card,
)
from tests.factories import NOON

STEP = timedelta(seconds=STEP_SECONDS)


class TestALiveCode:
    def test_says_whose_it_is(self):
        read = read_code(make_live_code(38_000, NOON).text, NOON)

        assert (read.member_id, read.is_expired) == (38_000, False)

    def test_is_fit_for_the_dense_form_of_a_qr_code_and_for_a_hand_scanner(self):
        text = make_live_code(2**39, NOON).text

        assert len(text) == 41
        assert text.isalnum()
        assert text.isupper()

    @pytest.mark.parametrize(
        ("late", "is_expired"),
        [(-2 * STEP, True), (-STEP, False), (STEP, False), (2 * STEP, True), (20 * STEP, True)],
    )
    def test_is_good_for_its_half_minute_and_those_beside_it(self, late, is_expired):
        assert read_code(make_live_code(7, NOON).text, NOON + late).is_expired == is_expired

    def test_is_the_same_for_half_a_minute_and_another_afterwards(self):
        code = make_live_code(7, NOON)

        assert make_live_code(7, NOON + timedelta(seconds=29)) == code
        assert make_live_code(7, code.changes_at).text != code.text
        assert code.changes_at == NOON + STEP
        assert seconds_left(code, NOON + timedelta(seconds=28.5)) == 2

    def test_of_one_member_is_never_that_of_another(self):
        assert len({make_live_code(member, NOON).text for member in range(1, 500)}) == 499

    def test_that_was_altered_in_any_sign_is_none(self):
        text = make_live_code(7, NOON).text

        for place in range(1, len(text)):
            other = "A" if text[place] != "A" else "B"
            assert read_code(text[:place] + other + text[place + 1 :], NOON) is None

    @pytest.mark.parametrize("sign", ["学", "é", "1", "\0", "²"])
    def test_of_signs_that_no_code_has_is_none(self, sign):
        assert read_code("L" + sign * 40, NOON) is None

    def test_is_read_in_small_letters_in_groups_and_in_full_width(self):
        text = make_live_code(7, NOON).text
        wide = "".join(chr(ord(sign) + 0xFEE0) for sign in text)

        for typed in (text.lower(), format_code(text), f" {text}\n", wide):
            assert read_code(typed, NOON).member_id == 7

    def test_changes_with_the_key(self, settings):
        code = make_live_code(7, NOON)
        settings.ENCRYPTION_KEYS = ["v9:" + "A" * 43 + "=", *settings.ENCRYPTION_KEYS]

        assert read_code(code.text, NOON) is None


class TestACardsCode:
    def test_is_drawn_at_random_and_found_by_its_fingerprint(self):
        code, other = draw_card_code(), draw_card_code()

        assert read_code(code, NOON).card_fingerprint != read_code(other, NOON).card_fingerprint
        assert read_code(code.lower(), NOON) == read_code(code, datetime(2030, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "text", ["", "L", "K", "张伟", "https://example.cn/L", "L" + "A" * 40, "L" + "1" * 40, "X" * 41]
)
def test_what_is_no_code_is_none(text):
    assert read_code(text, NOON) is None


class TestATypedCode:
    def test_is_short_and_unmistakable(self):
        for code in (make_typed_code(38_000, NOON), typed_code_of_card(fingerprint_card("K"))):
            assert len(code) == 8
            assert set(code[1:]) <= set(ALPHABET)
            assert clean_code(f" {format_code(code).lower()} ") == code

    @pytest.mark.parametrize(
        ("late", "is_expired"),
        [(timedelta(0), False), (STEP, False), (-STEP, False), (2 * STEP, True), (9 * STEP, True)],
    )
    def test_says_whose_it_is_among_those_expected(self, late, is_expired):
        code = make_typed_code(7, NOON)
        read = find_typed(code, NOON + late, [5, 6, 7], {})

        assert (read.member_id, read.is_expired) == (7, is_expired)
        assert find_typed(code, NOON, [5, 6], {}) is None
        assert find_typed(code, NOON + 20 * STEP, [7], {}) is None

    def test_of_a_card_is_found_by_what_is_stored(self):
        prints = [fingerprint_card(draw_card_code()) for _ in range(3)]
        code = typed_code_of_card(prints[1])

        assert find_typed(code, NOON, [], dict.fromkeys(prints, 1)).card_fingerprint == prints[1]
        assert find_typed(code, NOON, [], {prints[0]: 1}) is None

    def test_that_two_people_have_is_nobodys(self, monkeypatch):
        monkeypatch.setattr(codes, "_shorten", lambda _digest: "AAAAAAA")

        assert find_typed("LAAAAAAA", NOON, [1, 2], {}) is None
        assert find_typed("KAAAAAAA", NOON, [], {"a": 1, "b": 2}) is None
