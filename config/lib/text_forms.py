"""Form fields for text of several lines."""

from typing import Any

from django import forms


class LinesField(forms.CharField):
    """A text of several lines; a line break counts as one character, as in the browser.

    Browsers send it as two, so a text that just fits its field would be too long.
    """

    widget = forms.Textarea

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return text and text.replace("\r\n", "\n")
