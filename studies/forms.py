"""Forms for study outside the classes: records, declarations, participants and reviews."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backstage.forms import IdempotentForm, ReasonForm, without_resident_id
from config.lib.hours import ZERO, format_hours, grammatical_number
from config.lib.period_forms import DayField
from config.lib.resident_ids import holds_resident_id
from config.lib.row_keys import is_row_key
from hours.enums import CreditCategory
from schools.models import Organisation
from studies.actions.studies import StudyFacts, homes_of
from studies.enums import BRANCH_KINDS, CATEGORY_OF_KIND, DECLARED_KINDS, StudyKind
from studies.errors import StudyError
from studies.models import MOST_DAYS, Study
from studies.queries.studies import Candidate, list_candidates, list_worths

# The first kind is the initial choice, for meetings as for declarations.
MEETING_KINDS = (*BRANCH_KINDS, StudyKind.ACTIVITY)
USUAL_MINUTES = (60, 90, 120, 180, 240)
OTHER = "other"
MOST_MINUTES = 480
_GUESTS = "guest of a study"


class MinutesFields(IdempotentForm):
    """Kind, first day and minutes; the usual lengths show their worth in hours."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    held_on = DayField(label=gettext_lazy("Date"))
    minutes = forms.ChoiceField(label=gettext_lazy("How long"), widget=forms.RadioSelect)
    other_minutes = forms.IntegerField(
        label=gettext_lazy("Other: minutes"),
        required=False,
        min_value=5,
        max_value=MOST_MINUTES,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "step": 5}),
    )
    topic = forms.CharField(label=gettext_lazy("Topic"), max_length=100)
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    kinds: tuple[StudyKind, ...] = ()
    lengths: tuple[int, ...] = USUAL_MINUTES
    usual = 120

    def __init__(self, data: Any = None, *, on: date, initial: dict[str, Any] | None = None):
        first = {"kind": self.kinds[0], "held_on": on, "minutes": str(self.usual)}
        super().__init__(data, initial=first | (initial or {}))
        self.today = on
        kinds = self.fields["kind"]
        kinds.choices = [(kind.value, kind.label) for kind in self.kinds]  # type: ignore[attr-defined]
        self.fields["held_on"].widget.attrs["max"] = on.isoformat()
        worths = {
            category: list_worths(kind, list(self.lengths), self.day)
            for category, kind in {CATEGORY_OF_KIND[kind]: kind for kind in self.kinds}.items()
        }
        lengths = [
            (str(n), format_length(n, {kind: worth.get(n) for kind, worth in worths.items()}))
            for n in self.lengths
        ]
        self.fields["minutes"].choices = [*lengths, (OTHER, _("another length"))]  # type: ignore[attr-defined]

    @property
    def day(self) -> date:
        """The day entered so far; today if there is no valid day yet."""
        return _read_day(self["held_on"].value()) or self.today

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("topic", "place"):
            if holds_resident_id(cleaned.get(name, "")):
                self.add_error(name, _("An ID number does not belong here."))
        if cleaned.get("minutes") == OTHER:
            if not cleaned.get("other_minutes") and "other_minutes" not in self.errors:
                self.add_error("other_minutes", _("Enter how many minutes it lasted."))
            cleaned["minutes"] = cleaned.get("other_minutes")
        elif "minutes" in cleaned:
            cleaned["minutes"] = int(cleaned["minutes"])
        return cleaned

    def refuse(self, error: Exception) -> None:
        """Show an error about the minutes where they were typed."""
        is_other = self.data.get("minutes") == OTHER
        if is_other and getattr(error, "field", None) == "minutes":
            self.add_error("other_minutes", str(error))
        else:
            super().refuse(error)

    @property
    def facts(self) -> StudyFacts:
        """The facts entered in the valid form."""
        data = self.cleaned_data
        return StudyFacts(
            kind=StudyKind(data["kind"]),
            topic=data["topic"],
            place=data["place"],
            held_on=data["held_on"],
            minutes=data["minutes"],
            days=data.get("days") or 1,
            starts_at=data.get("starts_at"),
        )


def _read_day(value: Any) -> date | None:
    """A day as typed or as stored in a form; None if it is invalid."""
    try:
        day: date | None = DayField(required=False).clean(value)
    except forms.ValidationError:
        return None
    return day


def format_length(minutes: int, worths: Mapping[CreditCategory, Decimal | None]) -> str:
    """A length with its worth, e.g. 90 minutes: 1.5 credit hours; by category if they differ."""
    length = ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    different = set(worths.values())
    if len(different) == 1:
        worth = different.pop()
        if not worth:
            return length
        text = ngettext(
            "%(length)s: %(hours)s credit hour",
            "%(length)s: %(hours)s credit hours",
            grammatical_number(worth),
        )
        return text % {"length": length, "hours": format_hours(worth)}
    parts = [
        ngettext(
            "%(category)s %(hours)s credit hour",
            "%(category)s %(hours)s credit hours",
            grammatical_number(worth or ZERO),
        )
        % {"category": category.label, "hours": format_hours(worth or ZERO)}
        for category, worth in worths.items()
    ]
    return _("%(length)s: %(worths)s") % {"length": length, "worths": _("; ").join(parts)}


def facts_as_initial(study: Study, lengths: tuple[int, ...]) -> dict[str, Any]:
    """The initial form values of a stored record; the form offers these lengths."""
    is_usual = study.minutes in lengths
    return {
        "kind": study.kind,
        "held_on": study.held_on,
        "minutes": str(study.minutes) if is_usual else OTHER,
        "other_minutes": None if is_usual else study.minutes,
        "starts_at": study.starts_at,
        "topic": study.topic,
        "place": study.place,
        "days": study.days,
        "seen_version": study.version,
    }


class PeopleField(forms.TypedMultipleChoiceField):
    """The participants among the people that a form lists."""

    def __init__(self, **kwargs: Any) -> None:
        messages = {
            "required": gettext_lazy("Tick those who were there."),
            "invalid_choice": gettext_lazy(
                "Somebody who was ticked did not belong here on that day. Look at the list again."
            ),
        }
        super().__init__(
            label=gettext_lazy("Who was there"),
            coerce=int,
            widget=forms.CheckboxSelectMultiple,
            error_messages=messages,
            **kwargs,
        )


class GuestsField(forms.Field):
    """The guests of a form, as signed hidden values: only looked-up guests are accepted."""

    widget = forms.MultipleHiddenInput
    hidden_widget = forms.MultipleHiddenInput


def sign_guest(member_id: int) -> str:
    """The signed value of a guest in a form."""
    return Signer(salt=_GUESTS).sign(str(member_id))


def _read_guests(signed: Iterable[str]) -> list[int]:
    """The guests with a valid signature; other values are ignored."""
    keys = []
    for text in signed:
        try:
            keys.append(int(Signer(salt=_GUESTS).unsign(text)))
        except BadSignature:
            continue
    return keys


class PeopleRows(forms.Form):
    """A form that lists `people`; its field `members` has the ticked ones."""

    guest = GuestsField(required=False)
    people: list[Candidate]

    listed: Set[int] = frozenset()  # remain listed, in any organisation on that day

    def list_people(self, organisation: Organisation, on: date, guests: Iterable[int]) -> None:
        """List the members of that day, `guests`, and the people already in the form."""
        self.organisation, self.on = organisation, on
        self.guests = list(dict.fromkeys([*guests, *_read_guests(self._sent("guest"))]))
        ticked = [int(key) for key in map(str, self._sent("members")) if is_row_key(key)]
        # Only looked-up guests get a signature, which another form would accept too.
        self.initial["guest"] = [sign_guest(key) for key in self.guests if key not in self.listed]
        self.people = list_candidates(organisation, on, self.guests, ticked)
        choices = [(person.member_id, person.name) for person in self.people]
        self.fields["members"].choices = choices  # type: ignore[attr-defined]

    def clean_members(self) -> list[int]:
        """The ticked people. A person becomes a guest only if added as one."""
        ticked: list[int] = self.cleaned_data["members"]
        try:
            homes_of(set(ticked) - self.listed, self.guests, self.organisation, self.on)
        except StudyError as error:
            raise forms.ValidationError(str(error), code="not_here") from error
        return ticked

    def clean_guest(self) -> list[int]:
        """The people added as guests, ticked or not."""
        return self.guests

    def _sent(self, name: str) -> Iterable[Any]:
        if self.is_bound:
            return self.data.getlist(name)  # type: ignore[attr-defined]
        return self.initial.get(name) or ()

    @property
    def rows(self) -> list[tuple[Candidate, bool]]:
        """Everybody who can be ticked, and whether they are."""
        ticked = {str(key) for key in self["members"].value() or ()}
        return [(person, str(person.member_id) in ticked) for person in self.people]

    @property
    def count(self) -> int:
        """The number of ticked people."""
        return sum(ticked for _one, ticked in self.rows)


class StudyForm(PeopleRows, MinutesFields):
    """A meeting of a branch: everybody is ticked initially, and the user unticks the absent.

    The choices are the members of that day and the added guests.
    """

    starts_at = forms.TimeField(
        label=gettext_lazy("Begins at"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    place = forms.CharField(label=gettext_lazy("Place"), max_length=80, required=False)
    members = PeopleField()
    listed_on = forms.CharField(widget=forms.HiddenInput, required=False)
    kinds: tuple[StudyKind, ...] = MEETING_KINDS
    field_order = ("kind", "held_on", "minutes", "other_minutes", "starts_at", "topic", "place")

    def __init__(
        self,
        data: Any = None,
        *,
        organisation: Organisation,
        on: date,
        initial: dict[str, Any] | None = None,
        guests: Iterable[int] = (),
    ) -> None:
        super().__init__(data, on=on, initial=initial)
        self.list_people(organisation, self.day, guests)
        if "members" not in self.initial:
            self.initial["members"] = self.expected()
        self.appeared = self._tick_who_appeared()

    def _tick_who_appeared(self) -> list[str]:
        """Tick people expected on the entered day who were not listed for the former day.

        Returns their names: the user must check the list again before it is saved.
        """
        listed_on = (self.data if self.is_bound else self.initial).get("listed_on")
        self.initial["listed_on"] = self.day.isoformat()
        day = _read_day(listed_on)
        if day is None or day == self.day:
            return []
        listed = list_candidates(self.organisation, day, [], [])
        asked = {person.member_id for person in listed if person.is_expected}
        asked |= {int(key) for key in map(str, self._sent("members")) if is_row_key(key)}
        expected = set(self.expected()) - asked
        new = [
            person for person in self.people if person.member_id in expected and not person.is_guest
        ]
        if self.is_bound:
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data["listed_on"] = self.day.isoformat()  # type: ignore[index]
            for person in new:
                self.data.appendlist("members", str(person.member_id))  # type: ignore[attr-defined]
        else:
            ticked = self.initial["members"]
            self.initial["members"] = [*ticked, *(person.member_id for person in new)]
        return [person.name for person in new]

    def clean_members(self) -> list[int]:
        """The ticked people, if the user saw the list of the entered day."""
        ticked = super().clean_members()
        if self.appeared:
            text = _(
                "On that day %(names)s belonged here as well and are ticked now. Untick who was "
                "not there, and save again."
            )
            names = _(", ").join(self.appeared)
            raise forms.ValidationError(text % {"names": names}, code="appeared")
        return ticked

    def expected(self) -> list[int]:
        """The people ticked initially."""
        return [person.member_id for person in self.people if person.is_expected]


class VisitForm(StudyForm):
    """Study brought to members who cannot come: nobody is ticked initially."""

    kinds = (StudyKind.OUTREACH_VISIT,)
    usual = 60

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].widget = forms.HiddenInput()
        self.fields["members"].label = _("Who was visited")
        # Members exempt for age or health are the ones to visit.
        self.people.sort(key=lambda person: not person.is_exempt)

    def expected(self) -> list[int]:
        return []


class DeclarationForm(MinutesFields):
    """Study done by a member online or elsewhere."""

    place = forms.CharField(
        label=gettext_lazy("Platform or organiser"),
        max_length=80,
        help_text=gettext_lazy("Where it was offered, as the certificate says."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("On how many days in a row"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    held_on = DayField(label=gettext_lazy("First day"))
    kinds = DECLARED_KINDS
    lengths = (15, 30, 60, 120, 240, 480)
    usual = 60
    field_order = ("kind", "topic", "place", "held_on", "days", "minutes", "other_minutes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.value, kind.label) for kind in self.kinds]
        self.fields["kind"].widget = forms.RadioSelect(choices=kinds)
        self.fields["minutes"].label = _("How long a day")


def retyped(data: Any) -> dict[str, Any]:
    """The values typed so far, to be shown again without validation."""
    shown = {name: data.get(name) for name in data if name != "csrfmiddlewaretoken"}
    return shown | {"members": data.getlist("members"), "guest": data.getlist("guest")}


class ParticipantsForm(PeopleRows, ReasonForm):
    """Corrects the participants of an approved study; its current participants are ticked."""

    members = PeopleField(required=False)
    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("members", "reason")

    def __init__(
        self,
        data: Any = None,
        *,
        study: Study,
        initial: dict[str, Any] | None = None,
    ) -> None:
        self.day = study.held_on
        self.listed = set(study.participants.values_list("member", flat=True))
        first = {"members": sorted(self.listed), "seen_version": study.version}
        super().__init__(data, initial=first | (initial or {}))
        self.list_people(study.organisation, self.day, self.listed)

    def look_again(self, study: Study) -> None:
        """Show the current list; ticks made on an older list would mean something else here."""
        sent: Any = self.data
        self.data = sent.copy()
        self.data["seen_version"] = str(study.version)  # type: ignore[index]
        self.data.setlist("members", [str(key) for key in self.listed])  # type: ignore[attr-defined]

    @property
    def changes(self) -> dict[str, Set[int]]:
        """The members that the valid form adds, and those it removes from the list shown."""
        ticked = set(self.cleaned_data["members"])
        shown = {person.member_id for person in self.people}
        return {"add": ticked - self.listed, "remove": (self.listed & shown) - ticked}


class ReviewForm(IdempotentForm):
    """A reviewer's verdict on a record in the version shown to them."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Reason, if it is returned"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Say what is missing or wrong; the recorder reads it."),
    )

    def __init__(self, *args: Any, passes: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.passes = passes

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        if reason and self.passes:
            # Nobody would read the reason; probably the wrong button was pressed.
            raise forms.ValidationError(
                _("A reason is written here. Return the record with it, or clear it to pass."),
                code="passed",
            )
        return without_resident_id(reason)


class VersionForm(IdempotentForm):
    """A step on a record in the version that the user saw."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
