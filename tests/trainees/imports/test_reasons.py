"""Codes of register rows that were stored stay known, each with its sentence."""

from __future__ import annotations

from backstage.imports.reasons import SENTENCES as ALL_SENTENCES
from trainees.imports.reasons import SENTENCES, Reason

# Rows are kept for months, so a code that was ever stored stays known.
STORED_BEFORE = {
    "as_written", "empty", "no_text", "too_long", "no_whole_number", "no_member_number",
    "id_is_number", "id_was_number", "id_length", "id_check", "id_characters", "no_phone",
    "no_date", "no_such_day", "unknown_word", "same_name", "nearest_names", "no_organisation",
    "organisation_ends", "after_register", "before_birth", "id_birth_date", "id_otherwise",
    "same_in_rows", "same_member", "number_of_another", "number_stays", "other_name", "needs_id",
    "stored_id_otherwise", "post_recorded", "later_membership", "later_post", "secretary_there",
    "has_left", "month_lost_zero", "same_in_many_rows",
    "file_gone", "changed_meanwhile", "file_too_large", "file_too_large_unpacked",
    "file_too_many_cells", "file_damaged", "file_no_spreadsheet", "file_foreign_format",
    "file_encrypted", "file_empty", "file_unknown_characters", "file_stray_quote",
}  # fmt: skip


def test_every_code_has_its_sentence_and_none_is_lost():
    assert set(SENTENCES) == {*Reason}
    assert set(ALL_SENTENCES) >= STORED_BEFORE
