"""What the organisation department enters about the organisation tree."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from backstage.forms import IdempotentForm
from config.lib.period_forms import DayField
from config.lib.resident_ids import holds_resident_id
from schools.enums import STANDS_BELOW, OrganisationKind
from schools.models import Organisation, Placement, Township, Village
from schools.queries.tree import find_organisations
from trainees.queries.organisations import list_own_members

_ONE_OF_MANY = gettext_lazy("Name, pinyin initials or code of one organisation.")


class DatedForm(IdempotentForm):
    """A change from a day on."""

    on = DayField(
        label=gettext_lazy("From the day"),
        help_text=gettext_lazy("The first day of the change. Days before this year are settled."),
    )

    def __init__(self, data: Any, *, on: date) -> None:
        super().__init__(data, initial={"on": on})
        self.order_fields([*(name for name in self.fields if name != "on"), "on"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("name", "topic", "text"):
            if holds_resident_id(str(cleaned.get(name, ""))):
                self.add_error(name, _("An ID number does not belong here."))
        return cleaned


class NameField(forms.CharField):
    """The name of an organisation."""

    def __init__(self, **kwargs: Any) -> None:
        label = kwargs.pop("label", pgettext_lazy("of a thing", "name"))
        super().__init__(label=label, max_length=100, **kwargs)


class CodeField(forms.CharField):
    """The code of an organisation, which nobody has yet."""

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

    def __init__(self, data: Any, *, on: date, parent: Placement) -> None:
        super().__init__(data, on=on)
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
    """Another name."""

    name = NameField(label=gettext_lazy("New name"))


class TargetForm(DatedForm):
    """Names another organisation in its own words; `target` is what was found."""

    target = forms.CharField(max_length=100, help_text=_ONE_OF_MANY)

    def __init__(self, data: Any, *, on: date, user: User) -> None:
        super().__init__(data, on=on)
        self.user = user
        self.today = on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        text, on = cleaned.get("target"), cleaned.get("on")
        if text and on:
            found = find_organisations(self.user, " ".join(text.split()), on, self.today)
            if len(found) == 1:
                cleaned["found"] = found[0]
            else:
                self.add_error("target", _what_fits(found))
        return cleaned


def _what_fits(found: list[Organisation]) -> str:
    if not found:
        return _("No organisation of that day has this name, initials or code.")
    names = _("; ").join(f"{one.name} ({one.code})" for one in found)
    return _("Several fit, enter the code of one of them: %(names)s") % {"names": names}


class MoveForm(TargetForm):
    """Another place in the tree."""

    def __init__(self, data: Any, *, on: date, user: User) -> None:
        super().__init__(data, on=on, user=user)
        self.fields["target"].label = _("New higher organisation")


class MergeForm(TargetForm):
    """The organisation that goes on."""

    def __init__(self, data: Any, *, on: date, user: User) -> None:
        super().__init__(data, on=on, user=user)
        self.fields["target"].label = _("Merge into")


class SplitForm(DatedForm):
    """A new organisation beside the old one, and who goes along."""

    name = NameField(label=gettext_lazy("Name of the new organisation"))
    code = CodeField()
    members = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Members who go along"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any, *, on: date, organisation: Organisation) -> None:
        super().__init__(data, on=on)
        rows = list_own_members(organisation.pk, on)
        self.fields["members"].choices = [  # type: ignore[attr-defined]
            (row.member_id, f"{row.member.name} {row.member.number}") for row in rows
        ]
