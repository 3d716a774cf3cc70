"""A form for organisations that a file names and that do not exist: which are founded, where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Protocol

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _

from config.lib.names import name_key
from config.lib.resident_ids import holds_resident_id
from schools.enums import STANDS_BELOW, OrganisationKind
from schools.models import Placement, Township
from schools.organisation_finder import OrganisationFinder
from schools.queries.proposals import (
    LONGEST_CODE,
    HigherOrganisations,
    Place,
    level_of,
    parents_first,
)

# Each has five fields, of DATA_UPLOAD_MAX_NUMBER_FIELDS in the settings.
MOST_AT_ONCE = 500

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
    def parent_proposal(self) -> Any: ...

    @property
    def township_id(self) -> int | None: ...


class ProposalsForm(forms.Form):
    """For each proposal: whether it is founded, level, higher organisation, code, township.

    The higher organisation may be a proposal itself, if that is founded as well. What a ticked one
    needs is shown as required of all, and asked only of those that are ticked. `all` founds those
    too that are not ticked and have all they need.
    """

    use_required_attribute = False

    def __init__(self, data: Any, *, proposals: Sequence[Proposed], on: date) -> None:
        super().__init__(data)
        self._proposals, self._on = proposals, on
        self._uppers = HigherOrganisations(on)
        self._number_of = {name_key(proposal.name): n for n, proposal in enumerate(proposals)}
        self._codes: set[str] = set()
        self._places: dict[int, Place] = {}
        self.fields["all"] = forms.BooleanField(
            label=_("Found all that are complete"),
            required=False,
            help_text=_(
                "All below that have a level, a higher organisation and a code that fit, also if "
                "they are not ticked. The others wait."
            ),
        )
        as_above = ("", _("as the higher organisation"))
        townships = [as_above, *Township.objects.values_list("pk", "name")]
        places = self._suggest()
        for n, (proposal, (upper, code)) in enumerate(zip(proposals, places, strict=True)):
            self._add_fields(n, proposal, upper, code)
            self.fields[f"township-{n}"] = forms.ChoiceField(
                label=_("Township, directly below the district committee"),
                choices=townships,
                required=False,
                initial=proposal.township_id or "",
            )

    def _add_fields(self, n: int, proposal: Proposed, upper: str, code: str) -> None:
        is_needed = not self.is_bound or bool(self.data.get(f"tick-{n}"))
        above = self._find_proposal(upper)
        self.fields[f"tick-{n}"] = forms.BooleanField(
            label=_("Found with the import"), required=False, initial=proposal.is_ticked
        )
        self.fields[f"kind-{n}"] = forms.ChoiceField(
            label=_("Level"), choices=_LEVELS, initial=_kind_of(proposal).value, required=is_needed
        )
        self.fields[f"upper-{n}"] = forms.CharField(
            label=_("Higher organisation (code or name)"),
            required=is_needed,
            max_length=100,
            initial=upper,
            help_text=""
            if above is None
            else _("%(name)s does not exist yet either: tick both.")
            % {"name": self._proposals[above].name},
        )
        self.fields[f"code-{n}"] = forms.CharField(
            label=_("Code"),
            required=is_needed,
            max_length=LONGEST_CODE,
            initial=code,
            widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        )

    def _suggest(self) -> list[tuple[str, str]]:
        """Higher organisation and code of each: as decided, as the file says, or by the name."""
        taken = {proposal.code for proposal in self._proposals}
        places: dict[int, tuple[str, str]] = {}
        said = (self._find_proposal(proposal.upper_text) for proposal in self._proposals)
        for n in parents_first(dict(enumerate(said))):
            proposal = self._proposals[n]
            upper, above = self._upper_of(proposal, places)
            places[n] = upper, proposal.code or self._uppers.free_code(above, taken)
            taken.add(places[n][1])
        return [places[n] for n in range(len(self._proposals))]

    def _upper_of(self, proposal: Proposed, places: dict[int, tuple[str, str]]) -> tuple[str, str]:
        """The higher organisation, and the code with which those below begin.

        What the file says is never replaced by what the name suggests.
        """
        if proposal.parent is not None:
            return proposal.parent.code, proposal.parent.code
        if proposal.parent_proposal is not None:
            return proposal.parent_proposal.name, proposal.parent_proposal.code
        text = proposal.upper_text
        find, suggest = self._uppers.find, self._uppers.suggest
        place = find(text) if text else suggest(proposal.name, _kind_of(proposal))
        if place is not None:
            name, code = place.organisation.name, place.organisation.code
            return (name if find(name) is place else code), code
        number = self._find_proposal(text)
        above = places.get(number) if number is not None else None
        return text, above[1] if above else self._uppers.top_code

    def _find_proposal(self, text: str) -> int | None:
        """The number of the proposal with this name, unless there is such an organisation."""
        known = self._uppers.find(text) if text else None
        return self._number_of.get(name_key(text)) if known is None else None

    @property
    def groups(self) -> Iterator[tuple[Proposed, list[str], list[BoundField]]]:
        """Each proposal with existing names like it, and its fields."""
        finder = OrganisationFinder(self._on)
        for n, proposal in enumerate(self._proposals):
            near = finder.list_nearest(proposal.name)
            yield proposal, near, [self[f"{part}-{n}"] for part in _PARTS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        numbers = range(len(self._proposals))
        for n in numbers:
            for part in _NEEDED:
                self.fields[f"{part}-{n}"].required = True
        ticked = {n for n in numbers if cleaned.get(f"tick-{n}")}
        asked_codes = {cleaned.get(f"code-{n}") for n in ticked}
        above = {n: self._find_proposal(cleaned.get(f"upper-{n}") or "") for n in numbers}
        for n in parents_first(above):
            if n in ticked:
                for part, text in self._list_problems(n, above[n], cleaned):
                    if f"{part}-{n}" not in self.errors:
                        self.add_error(f"{part}-{n}", text)
            elif (
                not cleaned.get("all")
                or cleaned.get(f"code-{n}") in asked_codes
                or any(self._list_problems(n, above[n], cleaned))
            ):
                continue
            if not any(f"{part}-{n}" in self.errors for part in _PARTS):
                self._take(n, above[n], cleaned)
        return cleaned

    def _take(self, n: int, above: int | None, cleaned: dict[str, Any]) -> None:
        """Add the place of one that is founded."""
        code, township = _plain(cleaned[f"code-{n}"]), cleaned.get(f"township-{n}") or None
        parent = self._uppers.find(cleaned[f"upper-{n}"])
        is_below_top = parent is not None and parent.township is None
        self._codes.add(code)
        self._places[n] = Place(
            self._proposals[n].name,
            code,
            cleaned[f"kind-{n}"],
            parent.organisation_id if parent else None,
            int(township) if township and is_below_top else None,
            self._proposals[above].name if above is not None else "",
        )

    def _list_problems(
        self, n: int, above: int | None, cleaned: dict[str, Any]
    ) -> Iterator[tuple[str, str]]:
        """What keeps one from being founded: the part and the reason."""
        code, kind = _plain(cleaned.get(f"code-{n}") or ""), cleaned.get(f"kind-{n}") or ""
        if holds_resident_id(code):
            yield "code", _("An ID number does not belong here.")
        elif not (code.isascii() and code.isdecimal()):
            yield "code", _("Digits only.")
        elif self._uppers.is_taken(code) or code in self._codes:
            yield "code", _("Another organisation has this code.")
        if not kind:
            yield "kind", _("Choose a level.")
        if above is not None and above not in self._places:
            text = _(
                "%(name)s is not ticked or not complete. Complete and tick it, or name another one."
            )
            yield "upper", text % {"name": self._proposals[above].name}
        elif above is not None:
            yield from _refuse_level(kind, OrganisationKind(self._places[above].kind))
        else:
            parent = self._uppers.find(cleaned.get(f"upper-{n}") or "")
            yield from self._list_misfits(kind, parent, cleaned.get(f"township-{n}"))

    def _list_misfits(
        self, kind: str, parent: Placement | None, township: str | None
    ) -> Iterator[tuple[str, str]]:
        if parent is None:
            yield "upper", _("No organisation that may stand above others has this name or code.")
            return
        yield from _refuse_level(kind, OrganisationKind(parent.organisation.kind))
        if parent.township is None and not township:
            yield "township", _("Directly below the district committee, name the township.")

    @property
    def places(self) -> list[Place]:
        """Where those that are founded stand; only of a valid form."""
        return list(self._places.values())


def _kind_of(proposal: Proposed) -> OrganisationKind:
    return OrganisationKind(proposal.kind) if proposal.kind else level_of(proposal.name)


def _plain(code: str) -> str:
    return "".join(code.split())


def _refuse_level(kind: str, upper: OrganisationKind) -> Iterator[tuple[str, str]]:
    if kind and upper not in STANDS_BELOW[OrganisationKind(kind)]:
        text = _("A %(level)s does not stand below a %(upper)s.")
        values = {"level": OrganisationKind(kind).label, "upper": upper.label}
        yield "kind", text % values
