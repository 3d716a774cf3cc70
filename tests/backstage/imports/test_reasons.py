"""A refusal is said in words of the reader's language; a code that nobody can say is an error."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import translation

from backstage.imports.reasons import SENTENCES, CellReason, in_words, register_reasons
from config.lib.spreadsheet_refusals import FileFault
from tests.factories import DAY


def test_every_code_of_any_table_has_its_sentence():
    assert set(SENTENCES) >= {*CellReason, *FileFault}


def test_no_code_gets_another_sentence():
    with pytest.raises(ImproperlyConfigured):
        register_reasons({CellReason.EMPTY: "Something else."})


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_sentence_is_said_in_both_languages(code):
    with translation.override("en"):
        named = re.findall(r"%\((\w+)\)", str(SENTENCES[code]))
    values = {name: DAY.isoformat() if name == "day" else 3 for name in named}
    said = set()
    for language in ("en", "zh-hans"):
        with translation.override(language):
            said.add(in_words(code, values))
    assert len(said) == (1 if code == "as_written" else 2)


def test_an_unknown_code_is_an_error():
    with pytest.raises(KeyError):
        in_words("never_heard_of", {})


def test_lists_and_days_are_written_for_the_reader():
    with translation.override("en"):
        assert in_words(CellReason.SAME_IN_ROWS, {"rows": [3, 4]}) == "The same stands in row 3, 4."
    assert in_words(CellReason.SAME_IN_ROWS, {"rows": [3, 4]}) == "与第 3、4 行相同。"
