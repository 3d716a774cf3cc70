"""Forms of booking letters and of the dispatch desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from backstage.forms import IdempotentForm, ReasonForm, without_resident_id
from config.lib.dated_rows import from_day_on
from config.lib.period_forms import ClockInput, DayField
from config.lib.text_forms import LinesField
from courses.class_forms import LABELS, CourseField
from courses.enums import Mode, Preset, Strand
from courses.forms import VenueField
from courses.models import Course, Module, Venue
from dispatch.actions.desk import Schedule
from dispatch.actions.letters import Item, LetterContent, Wished
from dispatch.models import BookingLetter
from dispatch.models.letters import MOST_DATES
from dispatch.queries.letters import token_of_schedule
from instructors.enums import Corps
from instructors.forms import InstructorField
from instructors.models import AppointmentLetter, Instructor
from schools.enums import Audience
from schools.models import School

# A three-day class meets in six half days.
MOST_COURSES = 6


class LetterForm(IdempotentForm):
    """A booking letter as a basket: what is wanted, for whom, where, and on which days.

    A new one begins with what is `wanted`, such as the day of a calendar.
    """

    school = forms.ModelChoiceField(School.objects.none(), label=gettext_lazy("School"))
    title = forms.CharField(label=LABELS["title"], max_length=100)
    preset = forms.ChoiceField(label=gettext_lazy("Format"), choices=Preset)
    audience = forms.ChoiceField(label=gettext_lazy("Audience"), choices=Audience)
    headcount = forms.IntegerField(
        label=gettext_lazy("People expected"), min_value=1, max_value=30_000
    )
    wish = forms.CharField(
        label=gettext_lazy("A wish in your words"),
        max_length=200,
        required=False,
        help_text=gettext_lazy(
            "Where no course of the menu fits: “a practice course on grassroots governance”. The "
            "district finds one."
        ),
    )
    wish_module = forms.ModelChoiceField(
        Module.objects.all(),
        label=gettext_lazy("Module of the wish"),
        required=False,
        empty_label=gettext_lazy("none"),
    )
    wish_strand = forms.ChoiceField(
        label=gettext_lazy("Strand of the wish"),
        choices=[("", gettext_lazy("none")), *Strand.choices],
        required=False,
    )
    mode = forms.ChoiceField(label=LABELS["mode"], choices=Mode)
    venue = VenueField(label=LABELS["venue"], queryset=Venue.objects.none(), required=False)
    place = forms.CharField(
        label=LABELS["place"],
        max_length=80,
        required=False,
        help_text=gettext_lazy(
            "Where no venue of the school is used: a village square, a home, a link."
        ),
    )
    preferred_corps = forms.ChoiceField(
        label=gettext_lazy("Preferred corps"),
        choices=[("", gettext_lazy("any")), *Corps.choices],
        required=False,
    )
    preferred_instructor = InstructorField(
        Instructor.objects.none(),
        label=gettext_lazy("Preferred lecturer"),
        required=False,
        empty_label=gettext_lazy("any"),
    )
    joint_schools = forms.ModelMultipleChoiceField(
        School.objects.none(),
        label=gettext_lazy("Schools that join"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    note = LinesField(
        label=gettext_lazy("Note"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        user: User,
        schools: QuerySet[School],
        on: date,
        letter: BookingLetter | None = None,
        wanted: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=_initial(letter) | dict(wanted or {}))
        self.user, self.on = user, on
        self._add_courses(on)
        self._add_dates(on)
        choices: dict[str, Any] = {
            "school": schools,
            "venue": Venue.objects.filter(from_day_on(on), school__in=schools).with_detail(),
            "preferred_instructor": Instructor.objects.filter(
                letters__in=AppointmentLetter.objects.in_force(on)
            ).distinct(),
            "joint_schools": School.objects.in_force(on),
        }
        for name, rows in choices.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        only = list(schools[:2])
        if len(only) == 1 or letter is not None:
            own = letter.school if letter else only[0]
            self.initial["school"] = own
            self.fields["school"].widget = forms.HiddenInput()
            self.fields["venue"].own_school = own.pk  # type: ignore[attr-defined]
            guests = School.objects.in_force(on).exclude(pk=own.pk)
            self.fields["joint_schools"].queryset = guests  # type: ignore[attr-defined]

    def _add_courses(self, on: date) -> None:
        """The courses of the basket, before the wish."""
        courses = Course.objects.offered_from(on).select_related("module")
        fields = {
            f"course_{number}": CourseField(
                label=_("Course %(number)d") % {"number": number},
                queryset=courses,
                required=False,
                empty_label=_("none"),
            )
            for number in range(1, MOST_COURSES + 1)
        }
        self._insert(fields, before="wish")

    def _add_dates(self, on: date) -> None:
        """Three days by preference, each with a time."""
        fields: dict[str, forms.Field] = {}
        for rank in range(1, MOST_DATES + 1):
            number = {"number": rank}
            fields[f"day_{rank}"] = DayField(
                label=_("Date of choice %(number)d") % number, required=False
            )
            fields[f"day_{rank}"].widget.attrs["min"] = on.isoformat()
            fields[f"begins_{rank}"] = forms.TimeField(
                label=_("Choice %(number)d begins at") % number,
                required=False,
                widget=ClockInput,
                help_text=_("Leave it empty for the usual time of the format."),
            )
        self._insert(fields, before="preferred_corps")

    def _insert(self, fields: dict[str, Any], *, before: str) -> None:
        names = [*self.fields]
        place = names.index(before)
        self.fields.update(fields)
        self.order_fields([*names[:place], *fields, *names[place:]])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("title", "place", "wish", "note"):
            try:
                without_resident_id(cleaned.get(name, ""))
            except forms.ValidationError as error:
                self.add_error(name, error)
        if cleaned.get("school") in (cleaned.get("joint_schools") or ()):
            text = _("The school that holds the class does not join it.")
            self.add_error("joint_schools", text)
        if cleaned.get("wish"):
            for name in ("wish_module", "wish_strand"):
                if not cleaned.get(name):
                    self.add_error(name, _("A wish names its module and its strand."))
        return cleaned

    @property
    def more_courses(self) -> list[forms.BoundField]:
        """The fields of the courses after the first; the page folds them."""
        return [self[f"course_{number}"] for number in range(2, MOST_COURSES + 1)]

    @property
    def has_more_courses(self) -> bool:
        """Whether one of them is filled in or has errors, and so is shown."""
        return any(field.value() or field.errors for field in self.more_courses)

    @property
    def content(self) -> LetterContent:
        """What the valid form asks for."""
        data = self.cleaned_data
        items = [
            Item(course=course, field=name)
            for number in range(1, MOST_COURSES + 1)
            if (course := data[name := f"course_{number}"])
        ]
        if data["wish"]:
            wanted = {"module": data["wish_module"], "strand": data["wish_strand"]}
            items.append(Item(wish=data["wish"], field="wish", **wanted))
        dates = [
            Wished(day, data[f"begins_{rank}"], field=name)
            for rank in range(1, MOST_DATES + 1)
            if (day := data[name := f"day_{rank}"])
        ]
        return LetterContent(
            title=data["title"],
            preset=Preset(data["preset"]),
            mode=Mode(data["mode"]),
            audience=Audience(data["audience"]),
            headcount=data["headcount"],
            items=items,
            dates=dates,
            venue=data["venue"],
            place=data["place"],
            preferred_corps=data["preferred_corps"],
            preferred_instructor=data["preferred_instructor"],
            note=data["note"],
            joint_schools=list(data["joint_schools"]),
        )


class ChangedLetterForm(LetterForm):
    """A letter that changes together with the answer to what the district asks."""

    reason = LinesField(
        label=gettext_lazy("Your answer"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    field_order = ("reason",)

    def clean_reason(self) -> str:
        return without_resident_id(self.cleaned_data["reason"])


def _initial(letter: BookingLetter | None) -> dict[str, Any]:
    """What the form of a stored letter begins with."""
    if letter is None:
        return {"preset": Preset.PACK, "audience": Audience.ORDINARY, "mode": Mode.ON_SITE}
    names = (
        *("title", "preset", "audience", "headcount", "mode", "venue", "place"),
        *("preferred_corps", "preferred_instructor", "note"),
    )
    initial = {name: getattr(letter, name) for name in names}
    initial["joint_schools"] = [joint.school_id for joint in letter.joint_schools.all()]
    courses = [item for item in letter.items.all() if item.course_id]
    for number, item in enumerate(courses, start=1):
        initial[f"course_{number}"] = item.course_id
    for item in letter.items.all():
        if not item.course_id:
            initial |= {"wish": item.wish, "wish_module": item.module, "wish_strand": item.strand}
    for wished in letter.dates.all():
        initial[f"day_{wished.rank}"] = wished.day
        initial[f"begins_{wished.rank}"] = wished.begins_at
    return initial


class WordForm(IdempotentForm):
    """A question or an answer, named by `label`."""

    reason = LinesField(max_length=500, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, data: Any = None, *, label: str) -> None:
        super().__init__(data)
        self.fields["reason"].label = label

    def clean_reason(self) -> str:
        return without_resident_id(self.cleaned_data["reason"])


class EvaluationForm(IdempotentForm):
    """How the class was, from 1 to 5."""

    rating = forms.TypedChoiceField(
        label=gettext_lazy("How was it?"),
        choices=[
            ("5", gettext_lazy("5: very good")),
            ("4", gettext_lazy("4: good")),
            ("3", gettext_lazy("3: fair")),
            ("2", gettext_lazy("2: poor")),
            ("1", gettext_lazy("1: bad")),
        ],
        coerce=int,
        widget=forms.RadioSelect,
    )
    reason = LinesField(
        label=gettext_lazy("Words"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_reason(self) -> str:
        return without_resident_id(self.cleaned_data["reason"])


class OptionalReasonForm(ReasonForm):
    """A reason that is due only in spite of a warning, or in place of what stands."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Needed in spite of a warning, or where something stands already."),
    )


class ScheduleForm(OptionalReasonForm):
    """When a letter is taught; a wish gets its course."""

    first_day = DayField(label=gettext_lazy("First day"))
    begins_at = forms.TimeField(
        label=gettext_lazy("First session begins at"),
        required=False,
        widget=ClockInput,
        help_text=gettext_lazy("Leave it empty for the usual time of the format."),
    )

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    field_order = ("first_day", "begins_at")

    def __init__(self, data: Any = None, *, letter: BookingLetter, on: date) -> None:
        super().__init__(data)
        self.initial["seen"] = token_of_schedule(letter)
        self.items = list(letter.items.select_related("course", "module"))
        wished = letter.dates.order_by("rank").first()
        if wished is not None:
            self.initial["first_day"] = wished.day
            self.initial["begins_at"] = wished.begins_at
        for item in self.items:
            if item.course_id is None:
                fitting = Q(module=item.module_id, strand=item.strand)
                self.fields[f"course_{item.position}"] = CourseField(
                    label=_("Course for “%(wish)s”") % {"wish": item.wish},
                    queryset=Course.objects.offered_from(on)
                    .filter(fitting)
                    .select_related("module"),
                )
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    @property
    def schedule(self) -> Schedule:
        """The schedule that the valid form describes."""
        return Schedule(
            first_day=self.cleaned_data["first_day"],
            begins_at=self.cleaned_data["begins_at"],
            courses=[
                item.course or self.cleaned_data[f"course_{item.position}"] for item in self.items
            ],
        )


class EngageForm(OptionalReasonForm):
    """The lecturer for a session."""

    instructor = forms.IntegerField(widget=forms.RadioSelect, label=gettext_lazy("Lecturer"))

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    # The button that proposes at once; the other leaves it to the next release.
    now = forms.CharField(widget=forms.HiddenInput, required=False)

    field_order: tuple[str, ...] = ("instructor",)

    @property
    def is_urgent(self) -> bool:
        """Whether the lecturer is asked at once."""
        return self.cleaned_data["now"] == "1"
