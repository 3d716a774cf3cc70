"""A text of several lines is as long as its reader counts it."""

import pytest
from django import forms

from config.lib.text_forms import LinesField


class NoteForm(forms.Form):
    note = LinesField(max_length=5)


def test_the_end_of_a_line_is_one_character():
    form = NoteForm({"note": "a\r\nb\r\nc"})

    assert form.is_valid()
    assert form.cleaned_data["note"] == "a\nb\nc"
    assert 'maxlength="5"' in str(form["note"])


@pytest.mark.parametrize("text", ["a\r\nb\r\ncd", "abcdef"])
def test_a_longer_one_is_refused(text):
    assert not NoteForm({"note": text}).is_valid()
