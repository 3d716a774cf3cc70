"""Members who were chosen from a list: those who get a slip or a card."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backstage.forms import IdempotentForm
from config.lib.row_keys import is_row_key


class ChosenMembersForm(IdempotentForm):
    """The members who were chosen from a list."""

    member = forms.TypedMultipleChoiceField(
        coerce=int, widget=forms.MultipleHiddenInput, label=_("Members")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            sent = self.data.getlist("member")  # type: ignore[attr-defined]
            # Who may be among them is asked by the action, under lock.
            self.fields["member"].choices = [  # type: ignore[attr-defined]
                (text, text) for text in sent if is_row_key(text)
            ]
