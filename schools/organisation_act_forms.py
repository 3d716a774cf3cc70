"""Forms of the organisation department for organisations."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from backstage.forms import DatedForm
from schools.enums import STANDS_BELOW, OrganisationKind
from schools.models import Placement, Township, Village
from schools.organisation_forms import OrganisationField, OrganisationForm


class NameField(forms.CharField):
    """The name of an organisation."""

    def __init__(self, **kwargs: Any) -> None:
        label = kwargs.pop("label", pgettext_lazy("of a thing", "name"))
        super().__init__(label=label, max_length=100, **kwargs)


class CodeField(forms.CharField):
    """A code that no organisation has yet."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=gettext_lazy("code"),
            max_length=20,
            help_text=gettext_lazy("Digits only; no other organisation has it."),
            **kwargs,
        )


class AddForm(DatedForm):
    """A new organisation below another one."""

    name = NameField()
    kind = forms.ChoiceField(label=gettext_lazy("level"))
    code = CodeField()
    township = forms.ModelChoiceField(Township.objects.all(), label=gettext_lazy("township"))
    village = forms.ModelChoiceField(
        Village.objects.none(), label=gettext_lazy("village or community"), required=False
    )

    def __init__(self, data: Any, *, today: date, parent: Placement) -> None:
        super().__init__(data, today=today)
        kinds = [
            kind for kind in OrganisationKind if parent.organisation.kind in STANDS_BELOW[kind]
        ]
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]
        if parent.township is None:
            del self.fields["village"]
        else:
            del self.fields["township"]
            self.fields["village"].queryset = parent.township.villages.all()  # type: ignore[attr-defined]


class RenameForm(DatedForm):
    """A new name for an organisation."""

    name = NameField(label=gettext_lazy("New name"))


class MoveForm(OrganisationForm):
    """A new place in the tree."""

    named = "parent"
    parent = OrganisationField(label=gettext_lazy("New higher organisation"))


class MergeForm(OrganisationForm):
    """The organisation to merge into."""

    named = "into"
    into = OrganisationField(label=gettext_lazy("Merge into"))


class SplitForm(DatedForm):
    """A new organisation beside the old one, and the members who move to it."""

    name = NameField(label=gettext_lazy("Name of the new organisation"))
    code = CodeField()
    members = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Members who go along"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any, *, today: date, members: list[tuple[int, str]]) -> None:
        """`members` has the key and the words for each who may go along."""
        super().__init__(data, today=today)
        self.fields["members"].choices = members  # type: ignore[attr-defined]
