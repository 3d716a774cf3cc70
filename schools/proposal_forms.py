"""A form for organisations that a file names and that do not exist: which are founded, where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Protocol

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _

from backstage.forms import without_resident_id
from schools.enums import STANDS_BELOW, OrganisationKind
from schools.models import Placement, Township
from schools.organisation_finder import OrganisationFinder
from schools.queries.proposals import LONGEST_CODE, HigherOrganisations, Place, level_of

_TOP = OrganisationKind.DISTRICT_COMMITTEE
_LEVELS = [(value, label) for value, label in OrganisationKind.choices if value != _TOP]
_NEEDED = ("kind", "upper", "code")
_PARTS = ("tick", "kind", "upper", "code", "township")


class Proposed(Protocol):
    """A name, how many rows have it, and what was said about it."""

    name: str
    rows: int
    upper_text: str
    is_ticked: bool
    code: str
    kind: str

    @property
    def parent(self) -> Any: ...

    @property
    def township_id(self) -> int | None: ...


class ProposalsForm(forms.Form):
    """For each proposal: whether it is founded, level, higher organisation, code, township.

    What a ticked one needs is shown as required of all, and asked only of those that are ticked.
    """

    use_required_attribute = False

    def __init__(self, data: Any, *, proposals: Sequence[Proposed], on: date) -> None:
        super().__init__(data)
        self._proposals, self._on = proposals, on
        self._uppers = HigherOrganisations(on)
        self._places: list[Place] = []
        as_above = ("", _("as the higher organisation"))
        townships = [as_above, *Township.objects.values_list("pk", "name")]
        suggested: set[str] = set()
        for n, proposal in enumerate(proposals):
            kind = OrganisationKind(proposal.kind) if proposal.kind else level_of(proposal.name)
            parent, code = self._suggest(proposal, kind, suggested)
            suggested.add(code)
            self.fields[f"tick-{n}"] = forms.BooleanField(
                label=_("Found with the import"), required=False, initial=proposal.is_ticked
            )
            self.fields[f"kind-{n}"] = forms.ChoiceField(
                label=_("Level"), choices=_LEVELS, initial=kind.value, required=False
            )
            self.fields[f"upper-{n}"] = forms.CharField(
                label=_("Higher organisation (code or name)"),
                required=False,
                max_length=100,
                initial=parent,
            )
            self.fields[f"code-{n}"] = forms.CharField(
                label=_("Code"),
                required=False,
                max_length=LONGEST_CODE,
                initial=code,
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            )
            for part in _NEEDED:
                self.fields[f"{part}-{n}"].required = not self.is_bound or bool(
                    data.get(f"tick-{n}")
                )
            self.fields[f"township-{n}"] = forms.ChoiceField(
                label=_("Township, directly below the district committee"),
                choices=townships,
                required=False,
                initial=proposal.township_id or "",
            )

    def _suggest(
        self, proposal: Proposed, kind: OrganisationKind, taken: set[str]
    ) -> tuple[str, str]:
        """Higher organisation and code: as decided, as the file says, or by the name."""
        if proposal.parent is not None:
            return proposal.parent.code, proposal.code
        place = self._uppers.find(proposal.upper_text) if proposal.upper_text else None
        place = place or self._uppers.suggest(proposal.name, kind)
        if place is None:
            return proposal.upper_text, self._uppers.free_code(self._uppers.top_code, taken)
        return place.organisation.name, self._uppers.free_code(place.organisation.code, taken)

    @property
    def groups(self) -> Iterator[tuple[Proposed, list[str], list[BoundField]]]:
        """Each proposal with existing names like it, and its fields."""
        finder = OrganisationFinder(self._on)
        for n, proposal in enumerate(self._proposals):
            near = finder.list_nearest(proposal.name)
            yield proposal, near, [self[f"{part}-{n}"] for part in _PARTS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        codes: set[str] = set()
        for n, proposal in enumerate(self._proposals):
            for part in _NEEDED:
                self.fields[f"{part}-{n}"].required = True
            if cleaned.get(f"tick-{n}"):
                self._check(n, proposal.name, cleaned, codes)
        return cleaned

    def _check(self, n: int, name: str, cleaned: dict[str, Any], codes: set[str]) -> None:
        """Add the place of a ticked proposal, or an error at its field."""
        code = "".join(without_resident_id(cleaned.get(f"code-{n}") or "").split())
        if f"code-{n}" in self.errors:
            pass
        elif not (code.isascii() and code.isdecimal()):
            self.add_error(f"code-{n}", _("Digits only."))
        elif self._uppers.is_taken(code) or code in codes:
            self.add_error(f"code-{n}", _("Another organisation has this code."))
        codes.add(code)
        parent = self._uppers.find(cleaned.get(f"upper-{n}") or "")
        if parent is None:
            text = _("No organisation that may stand above others has this name or code.")
            self.add_error(f"upper-{n}", text)
            return
        kind, township = cleaned.get(f"kind-{n}") or "", cleaned.get(f"township-{n}") or None
        self._check_fit(n, kind, parent, township)
        township_id = int(township) if township and parent.township is None else None
        self._places.append(Place(name, code, kind, parent.organisation_id, township_id))

    def _check_fit(self, n: int, kind: str, parent: Placement, township: str | None) -> None:
        if not kind:
            if f"kind-{n}" not in self.errors:
                self.add_error(f"kind-{n}", _("Choose a level."))
            return
        level = OrganisationKind(kind)
        if parent.organisation.kind not in STANDS_BELOW[level]:
            text = _("A %(level)s does not stand below a %(upper)s.")
            upper = parent.organisation.get_kind_display()
            self.add_error(f"kind-{n}", text % {"level": level.label, "upper": upper})
        if parent.township is None and township is None:
            text = _("Directly below the district committee, name the township.")
            self.add_error(f"township-{n}", text)

    @property
    def places(self) -> list[Place]:
        """Where the ticked ones stand; only of a valid form."""
        return self._places
