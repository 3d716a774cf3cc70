"""Telephones of offices: typed as offices write them, stored in one way, shown in words."""

from __future__ import annotations

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from config.lib.telephones import (
    TelephoneField,
    clean_telephone,
    format_telephone,
    split_telephone,
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("022-8391 0000 转 8", "022-8391 0000-8"),
        ("022-83910000转8", "022-83910000-8"),
        ("022-83910000 轉 8", "022-83910000-8"),
        ("022-83910000分机8001", "022-83910000-8001"),
        ("022-83910000 转分机 8001", "022-83910000-8001"),
        ("022-83910000 ext. 8", "022-83910000-8"),
        ("022-83910000 EXT 8", "022-83910000-8"),
        ("022-83910000-8", "022-83910000-8"),
        ("０２２－８３９１００００　转　８", "022-83910000-8"),
        ("83910000 转 8", "83910000-8"),
        ("400-123-4567 转 8", "400-123-4567-8"),
        ("022-27391234", "022-27391234"),
        (" 022  2739 1234 ", "022 2739 1234"),
    ],
)
def test_is_stored_in_one_way(typed, stored):
    assert clean_telephone(typed) == stored


@pytest.mark.parametrize("typed", ["8391 转 8", "022-8391 转 8", "022-83910000 转 1234567"])
def test_an_extension_follows_a_whole_number_and_is_short(typed):
    with pytest.raises(ValidationError):
        clean_telephone(typed)


@pytest.mark.parametrize(
    ("stored", "parts"),
    [
        ("022-8391 0000-8", ("022-8391 0000", "8")),
        ("022-8391-0000-8", ("022-8391-0000", "8")),
        ("+86 22 8391 0000-8", ("+86 22 8391 0000", "8")),
        ("8391 0000-8", ("8391 0000", "8")),
        ("022-8391-0000", ("022-8391-0000", "")),
        ("0755-8391-0000", ("0755-8391-0000", "")),
        ("+86-0755-8391-0000", ("+86-0755-8391-0000", "")),
        ("139-1234-5678", ("139-1234-5678", "")),
        ("400-1234-567", ("400-1234-567", "")),
        ("8391-0000", ("8391-0000", "")),
        ("", ("", "")),
    ],
)
def test_what_follows_the_last_hyphen_is_an_extension_only_after_a_whole_number(stored, parts):
    assert split_telephone(stored) == parts


def test_the_reader_sees_the_extension_in_words():
    with translation.override("zh-hans"):
        assert format_telephone("022-83910000-8") == "022-83910000 转 8"
    with translation.override("en"):
        assert format_telephone("022-83910000-8") == "022-83910000 ext. 8"
        assert format_telephone("022-83910000") == "022-83910000"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@given(extension=st.integers(0, 999_999), number=st.sampled_from(["022-83910000", "8391 0000"]))
def test_what_is_shown_is_understood_when_it_is_sent_back(language, number, extension):
    stored = f"{number}-{extension}"

    with translation.override(language):
        assert clean_telephone(format_telephone(stored)) == stored


class Form(forms.Form):
    telephone = TelephoneField(required=False)


@pytest.mark.parametrize("typed", ["no phone", "1234", "022-8391(0000)"])
def test_the_field_refuses_what_is_no_telephone(typed):
    assert list(Form({"telephone": typed}).errors) == ["telephone"]


def test_the_field_may_be_left_empty():
    form = Form({"telephone": ""})

    assert form.is_valid()
    assert form.cleaned_data["telephone"] == ""
