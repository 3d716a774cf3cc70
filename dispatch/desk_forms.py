"""Forms of the dispatch desk about the plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from backstage.forms import IdempotentForm, without_resident_id
from config.lib.row_keys import is_row_key
from dispatch.models import Engagement


class _KeysField(forms.TypedMultipleChoiceField):
    """Boxes of rows. One that is not there any more is no error: the act leaves it out."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, required=False, **kwargs)

    def valid_value(self, value: object) -> bool:
        return is_row_key(str(value))


class ReleaseForm(IdempotentForm):
    """Which drafts go out, and a note on the new version of the plan.

    `drafts` are the engagements that may be chosen; all are at first.
    """

    chosen = _KeysField(label=gettext_lazy("Goes out now"))
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def __init__(self, data: Any = None, *, drafts: Sequence[Engagement]) -> None:
        super().__init__(data, initial={"chosen": [row.pk for row in drafts]})

    @property
    def ticked(self) -> set[int]:
        """The keys that are ticked."""
        keys = self["chosen"].value() or ()
        return {int(key) for key in keys if is_row_key(str(key))}

    def clean_note(self) -> str:
        return without_resident_id(self.cleaned_data["note"])
