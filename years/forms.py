"""Forms of disputes (errors, missing study, answers, appeals) and of issued documents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.codes import OF_DOCUMENT, clean_code
from backstage.forms import IdempotentForm, ReasonForm
from config.lib.period_forms import DayField
from config.lib.resident_ids import holds_resident_id
from config.lib.text_forms import LinesField
from hours.enums import DisputeVerdict
from hours.models.disputes import LONGEST_DISPUTE_TEXT
from years.enums import DocumentKind


class WordsForm(IdempotentForm):
    """Text that both sides read; it must not contain an ID number."""

    text = LinesField(max_length=LONGEST_DISPUTE_TEXT, widget=forms.Textarea(attrs={"rows": 4}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("text", "missing"):
            if holds_resident_id(str(cleaned.get(name, ""))):
                self.add_error(name, _("An ID number does not belong here."))
        return cleaned


class DisputeForm(WordsForm):
    """What is wrong with a line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("What is wrong, and what would be right?")


class MissingForm(WordsForm):
    """Which study is missing, and of which day."""

    occurred_on = DayField(label=_("On which day was it?"))
    missing = forms.CharField(label=_("Which class or meeting?"), max_length=100)
    field_order = ("occurred_on", "missing", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("What do you remember of it?")
        self.fields["text"].help_text = _("The place, the lecturer, who else was there.")


class AnswerForm(WordsForm):
    """Whether the hours were corrected, with an explanation."""

    verdict = forms.ChoiceField(label=_("Answer"), choices=DisputeVerdict, widget=forms.RadioSelect)
    field_order = ("verdict", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Explanation for the member")
        self.fields["text"].help_text = _("Needed if the hours stay as they are.")
        self.fields["text"].required = False


class DecisionForm(AnswerForm):
    """Whether the hours were corrected on appeal, with an explanation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verdict"].label = _("Decision")


class AppealForm(WordsForm):
    """Why the answer is not right."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Why is the answer not right?")
        self.fields["text"].help_text = _("The organisation department decides, for good.")


class IssueForm(IdempotentForm):
    """The document to issue, and its year."""

    kind = forms.ChoiceField(label=_("Document"), choices=DocumentKind, widget=forms.RadioSelect)
    year = forms.ChoiceField(label=_("Year"))

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(str(year), str(year)) for year in years]  # type: ignore[attr-defined]


class RevokeForm(ReasonForm):
    """Why a document is revoked."""

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
