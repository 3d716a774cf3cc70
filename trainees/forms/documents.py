"""Documents: which one is issued, and what a stranger types to check one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.codes import OF_DOCUMENT, clean_code
from backstage.forms import IdempotentForm, ReasonForm
from trainees.enums import DocumentKind


class IssueForm(IdempotentForm):
    """Which document is issued, for which year."""

    kind = forms.ChoiceField(label=_("Document"), choices=DocumentKind, widget=forms.RadioSelect)
    year = forms.ChoiceField(label=_("Year"))

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(str(year), str(year)) for year in years]  # type: ignore[attr-defined]


class RevokeForm(ReasonForm):
    """Why a document is taken back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("The member can read this reason.")


class CheckForm(forms.Form):
    """The code of a document and the name on it."""

    code = forms.CharField(
        label=_("Code of the document"),
        help_text=_("It stands at the foot of the document. Capitals and hyphens do not matter."),
        max_length=60,
        widget=forms.TextInput(
            attrs={"spellcheck": "false", "autocomplete": "off", "autocapitalize": "characters"}
        ),
    )
    name = forms.CharField(
        label=_("Name on the document"),
        max_length=80,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )

    def clean_code(self) -> str:
        return clean_code(self.cleaned_data["code"], OF_DOCUMENT)
