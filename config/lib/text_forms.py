"""Texts of several lines, as people type them."""

from typing import Any

from django import forms


class LinesField(forms.CharField):
    """A text of several lines; the end of a line counts as one character, as in the browser.

    Browsers send it as two, so that a text which fills its field to the brim would be too long.
    """

    widget = forms.Textarea

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return text and text.replace("\r\n", "\n")
