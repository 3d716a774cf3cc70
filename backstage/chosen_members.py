"""Members chosen from a list to get a slip or a card."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backstage.forms import IdempotentForm
from config.lib.row_keys import is_row_key


class ChosenMembersForm(IdempotentForm):
    """The members chosen from a list."""

    member = forms.TypedMultipleChoiceField(
        coerce=int, widget=forms.MultipleHiddenInput, label=_("Members")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            sent = self.data.getlist("member")  # type: ignore[attr-defined]
            # The action checks under lock which of them are allowed.
            self.fields["member"].choices = [  # type: ignore[attr-defined]
                (text, text) for text in sent if is_row_key(text)
            ]
