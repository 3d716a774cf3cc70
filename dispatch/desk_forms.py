"""Forms of the dispatch desk about the board and the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from backstage.forms import IdempotentForm, without_resident_id
from config.lib.dates import format_moment
from config.lib.row_keys import is_row_key
from config.lib.type_ahead import TypeAhead
from dispatch.answer_forms import KeysField
from dispatch.forms import EngageForm, OptionalReasonForm
from dispatch.models import BookingLetter, Engagement
from instructors.forms import InstructorField
from instructors.models import Instructor


class ReleaseForm(IdempotentForm):
    """Which drafts go out, and a note on the new version of the plan.

    `drafts` are the engagements that may be chosen; all are at first.
    """

    chosen = KeysField(label=gettext_lazy("Goes out now"), required=False)
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


@dataclass(frozen=True)
class ChosenSession:
    """A session of a letter, with what stood for it when the board was shown."""

    letter_id: int
    number: int
    seen: str


class BoardForm(OptionalReasonForm):
    """A session of the board and the lecturer whom it gets."""

    session = forms.ChoiceField(
        label=gettext_lazy("Session"),
        widget=TypeAhead,
        error_messages={
            "invalid_choice": gettext_lazy("This session changed meanwhile: choose it again.")
        },
    )
    instructor = InstructorField(Instructor.objects.none(), label=gettext_lazy("Lecturer"))

    field_order = ("session", "instructor")

    def __init__(
        self, data: Any, *, sessions: Sequence[tuple[str, str]], lecturers: QuerySet[Instructor]
    ) -> None:
        super().__init__(data)
        self.fields["session"].choices = [("", "-"), *sessions]  # type: ignore[attr-defined]
        self.fields["instructor"].queryset = lecturers  # type: ignore[attr-defined]

    @property
    def chosen(self) -> ChosenSession:
        """What the valid form names."""
        letter, number, seen = self.cleaned_data["session"].split(":")
        return ChosenSession(int(letter), int(number), seen)


class OwnerForm(IdempotentForm):
    """Who works on a letter from now on; `seen` is the key of who does as the page is read."""

    owner = forms.TypedChoiceField(label=gettext_lazy("Works on it from now on"), coerce=int)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any, *, letter: BookingLetter, me: User, officers: list[User]) -> None:
        super().__init__(data)
        others = [user for user in officers if user.pk != letter.owner_id]
        self.initial["seen"] = str(letter.owner_id or "")
        if me in others:
            self.initial["owner"] = me.pk
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            (user.pk, user.display_name) for user in others
        ]
        # Somebody may have got the letter since the page was opened.
        text = _("%(who)s works on it now. Choose again.")
        if letter.owner is not None:
            said = text % {"who": letter.owner.display_name}
            self.fields["owner"].error_messages["invalid_choice"] = said


class SeriesForm(EngageForm):
    """One lecturer for several sessions of a letter; those that need one are ticked at first."""

    numbers = KeysField(label=gettext_lazy("For the sessions"))

    field_order = ("numbers", "instructor")

    def __init__(
        self, data: Any = None, *, sessions: Sequence[Engagement], ticked: Sequence[int], seen: str
    ) -> None:
        super().__init__(data, initial={"numbers": list(ticked), "seen": seen})
        self.fields["numbers"].choices = [  # type: ignore[attr-defined]
            (row.number, describe_session(row)) for row in sessions
        ]


def describe_session(row: Engagement) -> str:
    """A session of a letter with its lecturer, as a choice."""
    words = (str(row.number), format_moment(row.starts_at), str(row.course), row.instructor)
    return " · ".join(str(word) for word in words if word)
