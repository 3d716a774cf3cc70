"""The form in which a person says what the columns of an uploaded table mean."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backstage.imports.columns import IGNORED


class ColumnsForm(forms.Form):
    """The meaning of each column; a subclass names the fields, and checks what it needs.

    `own` are the places of columns that mean the same as another one of this file; what is said of
    them is not remembered for other files. `samples` are shown by the place of their column.
    """

    fields_to_choose: ClassVar[Iterable[tuple[Any, Any]]] = ()

    def __init__(
        self,
        *args: Any,
        headers: list[list[Any]],
        own: Sequence[int],
        samples: Mapping[int, Sequence[str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.texts: dict[str, str] = {}
        self.meant: set[str] = set()
        self._own = {f"column-{place}": place for place in own}
        claimed = [meaning for text, meaning in headers if meaning != IGNORED]
        choices = [("", _("please choose")), *self.fields_to_choose]
        for place, (text, meaning) in enumerate(headers):
            name = f"column-{place}"
            if text and (name in self._own or text not in self.texts.values()):
                self.texts[name] = text
                is_open = name in self._own and claimed.count(meaning) > 1
                self.fields[name] = forms.ChoiceField(
                    label=text,
                    choices=choices,
                    initial="" if is_open else meaning or "",
                    required=True,
                    help_text=_help_of(samples.get(place)),
                )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        meant = [value for value in cleaned.values() if value and value != IGNORED]
        self.meant = {*meant}
        twice = {value for value in meant if meant.count(value) > 1}
        for name, value in list(cleaned.items()):
            if value in twice:
                self.add_error(name, _("Two columns cannot mean the same."))
        return cleaned

    @property
    def has_doubled(self) -> bool:
        """Whether some columns of this file mean the same."""
        return bool(self._own)

    def fields_by_text(self) -> dict[str, str]:
        """The field of each column by its header, without those of this file alone."""
        remembered = self.texts.keys() - self._own.keys()
        return {self.texts[name]: self.cleaned_data[name] for name in remembered}

    def chosen(self) -> dict[str, list[str]]:
        """[text, field] of the columns of this file alone, by place."""
        return {
            str(place): [self.texts[name], self.cleaned_data[name]]
            for name, place in self._own.items()
        }


def _help_of(samples: Sequence[str] | None) -> str:
    """Samples of a column in words, escaped: pages render help texts without escaping."""
    if samples is None:
        return ""
    if not samples:
        return gettext("Nothing stands in this column.")
    return escape(gettext("For example: %(cells)s") % {"cells": gettext(", ").join(samples)})
