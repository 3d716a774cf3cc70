"""Forms by which lecturers answer the proposals of a letter, together or singly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backstage.forms import IdempotentForm, without_resident_id
from config.lib.dates import format_moment
from config.lib.row_keys import is_row_key
from dispatch.models import Engagement


class KeysField(forms.TypedMultipleChoiceField):
    """Boxes of rows. One that is not there any more is no error: the act leaves it out."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, **kwargs)

    def valid_value(self, value: object) -> bool:
        return is_row_key(str(value))


class LinkAnswerForm(forms.Form):
    """The answer of a lecturer without an account to the `proposals` of a letter.

    Where there are several, all are ticked at first; who accepted can only decline any more.
    """

    has_ticks_for_one = False

    sessions = KeysField(label=gettext_lazy("For the sessions"))
    answer = forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        choices=[
            ("accept", pgettext_lazy("a proposal", "Accept")),
            ("decline", gettext_lazy("Decline")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Needed where you decline; the district reads it."),
    )

    def __init__(
        self, data: Any = None, *, proposals: Sequence[Engagement], is_accepted: bool = False
    ) -> None:
        super().__init__(data, initial={"sessions": [row.pk for row in proposals]})
        if is_accepted:
            self.initial["answer"] = "decline"
            self.fields["answer"] = forms.CharField(
                widget=forms.HiddenInput, validators=[RegexValidator("^decline$")]
            )
            self.fields["reason"].required = True
            self.fields["reason"].help_text = _("The district reads it.")
        self.proposals = proposals
        if len(proposals) > 1 or self.has_ticks_for_one:
            self.fields["sessions"].choices = [  # type: ignore[attr-defined]
                (row.pk, f"{format_moment(row.starts_at)} · {row.course}") for row in proposals
            ]
        else:
            del self.fields["sessions"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        keys = [row.pk for row in self.proposals]
        cleaned["chosen"] = [key for key in keys if key in cleaned.get("sessions", keys)]
        if not cleaned["chosen"] and "sessions" not in self.errors:
            self.add_error(
                "sessions" if "sessions" in self.fields else None,
                _("Choose at least one session."),
            )
        return cleaned

    def clean_reason(self) -> str:
        return without_resident_id(self.cleaned_data["reason"])


class AnswerForm(LinkAnswerForm, IdempotentForm):
    """The answer of a lecturer who is signed in."""

    has_ticks_for_one = True
