"""The form in which a trainee rates a class."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from backstage.forms import without_resident_id
from classes.actions.ratings import Rating
from classes.models import RatingAnswer
from classes.models.ratings import LONGEST_RATING_TEXT, QUESTIONS
from config.lib.text_forms import LinesField

SCORES = {
    5: gettext_lazy("5: fully agree"),
    4: gettext_lazy("4: agree"),
    3: gettext_lazy("3: partly"),
    2: gettext_lazy("2: disagree"),
    1: gettext_lazy("1: fully disagree"),
}


class RatingForm(forms.Form):
    """A score for each question, and a remark.

    It has no idempotency key: a key is stored with a hash of the form data, which would reveal the
    scores and their author. A trainee can rate a class only once anyway.
    """

    text = LinesField(
        label=gettext_lazy("Remark"),
        max_length=LONGEST_RATING_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text=gettext_lazy(
            "The school reads it word by word: name neither yourself nor others."
        ),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for name in QUESTIONS:
            question = RatingAnswer._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            self.fields[name] = forms.TypedChoiceField(
                label=question,
                choices=list(SCORES.items()),
                coerce=int,
                widget=forms.RadioSelect,
            )
        self.order_fields([*QUESTIONS, "text"])

    def clean_text(self) -> str:
        return without_resident_id(self.cleaned_data["text"])

    @property
    def rating(self) -> Rating:
        """The content of the valid form."""
        return Rating(**self.cleaned_data)
