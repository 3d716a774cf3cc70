"""What is stored of a refusal is said in words; a code that nobody can say is an error."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from config.lib.spreadsheet_refusals import FileFault
from tests.factories import DAY
from trainees.imports.reasons import SENTENCES, Reason, in_words

# Rows are kept for months, so a code that was ever stored stays known.
STORED_BEFORE = {
    "as_written", "empty", "no_text", "too_long", "no_whole_number", "no_member_number",
    "id_is_number", "id_was_number", "id_length", "id_check", "id_characters", "no_phone",
    "no_date", "no_such_day", "unknown_word", "same_name", "nearest_names", "no_organisation",
    "organisation_ends", "after_register", "before_birth", "id_birth_date", "id_otherwise",
    "same_in_rows", "same_member", "number_of_another", "number_stays", "other_name", "needs_id",
    "stored_id_otherwise", "post_recorded", "later_membership", "later_post", "secretary_there",
    "file_gone", "changed_meanwhile", "file_too_large", "file_too_large_unpacked",
    "file_too_many_cells", "file_damaged", "file_no_spreadsheet", "file_foreign_format",
    "file_encrypted", "file_empty", "file_unknown_characters", "file_stray_quote",
}  # fmt: skip


def test_every_code_has_its_sentence_and_none_is_lost():
    assert set(SENTENCES) == {*Reason, *FileFault}
    assert set(SENTENCES) >= STORED_BEFORE


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_sentence_is_said_in_both_languages(code):
    with translation.override("en"):
        named = re.findall(r"%\((\w+)\)", str(SENTENCES[code]))
    values = {name: DAY.isoformat() if name == "day" else 3 for name in named}
    said = set()
    for language in ("en", "zh-hans"):
        with translation.override(language):
            said.add(in_words(code, values))
    assert len(said) == (1 if code == Reason.AS_WRITTEN else 2)


def test_an_unknown_code_is_an_error():
    with pytest.raises(KeyError):
        in_words("never_heard_of", {})


def test_lists_and_days_are_written_for_the_reader():
    with translation.override("en"):
        assert in_words(Reason.SAME_IN_ROWS, {"rows": [3, 4]}) == "The same stands in row 3, 4."
    assert in_words(Reason.SAME_IN_ROWS, {"rows": [3, 4]}) == "与第 3、4 行相同。"
