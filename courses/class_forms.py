"""Forms to plan and change a class; its sessions follow from the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts.admin_forms import PortalModelForm
from accounts.models import User
from backstage.forms import IdempotentForm
from config.lib.dated_rows import from_day_on
from config.lib.hours import format_hours, grammatical_number
from config.lib.period_forms import ClockInput, DayField, MomentInput
from config.lib.periods import in_force, inclusive_period
from config.lib.resident_ids import holds_resident_id
from config.lib.type_ahead import TypeAhead, pinyin_of, pinyin_of_kind
from courses.actions import ClassPlan
from courses.enums import Mode, Preset
from courses.forms import SessionForm, VenueField
from courses.models import Course, PresetSession, Programme, Session, TrainingClass, Venue
from instructors.forms import InstructorField
from instructors.models import AppointmentLetter, Instructor
from schools.enums import Audience
from schools.models import Organisation, School
from schools.organisation_forms import organisation_text
from schools.queries.finding import LONGEST_TYPED, find_organisations, typed_as


class CourseSelect(TypeAhead):
    """Courses, found by module, title, strand, hours, format or code, and by their pinyin."""

    def words_of(self, row: Course) -> str:
        kinds = (str(row.module), row.get_strand_display(), row.get_format_display())
        return " ".join([pinyin_of(row.title), *map(pinyin_of_kind, kinds), row.code])


class CourseField(forms.ModelChoiceField):
    """A course with what fills the mix and the day: module, strand, hours and format."""

    widget = CourseSelect

    def label_from_instance(self, obj: Course) -> str:
        hours = format_hours(obj.hours)
        n = grammatical_number(obj.hours)
        worth = ngettext("%(hours)s credit hour", "%(hours)s credit hours", n)
        parts = (obj.module, obj.title, obj.get_strand_display(), worth % {"hours": hours})
        return " · ".join(str(part) for part in (*parts, obj.get_format_display()) if part)


# Labels shared by the form for a new class and the forms for later changes.
LABELS = {
    "title": pgettext_lazy("of a class", "Title"),
    "mode": gettext_lazy("Mode"),
    "course": gettext_lazy("Course"),
    "venue": gettext_lazy("Venue or teaching point"),
    "place": gettext_lazy("Other place"),
    "instructor": gettext_lazy("Lecturer"),
    "lecturer_reason": gettext_lazy("Why this lecturer"),
    "programme": gettext_lazy("Special project or campaign"),
    "capacity": gettext_lazy("Places"),
    "is_open": gettext_lazy("Members may enrol themselves"),
}


JOINING_HELP = gettext_lazy(
    "Their clerks see the class and put their own members on its roster; this school takes the "
    "roll."
)

# A three-day class meets in six half days.
MOST_COURSES = 6
# At most this many matching organisations are named.
ORGANISATIONS_NAMED = 5


class PlanForm(IdempotentForm):
    """A class from a preset. Times, lecturer and place of each session can be changed later.

    `organisation` is not part of the class: its members are the first choice for the roster. The
    form begins with what is `wanted`, such as the day of a calendar.
    """

    school = forms.ModelChoiceField(label=gettext_lazy("School"), queryset=School.objects.none())
    preset = forms.ChoiceField(label=gettext_lazy("Format"), widget=forms.RadioSelect)
    title = forms.CharField(label=LABELS["title"], max_length=100)
    audience = forms.ChoiceField(label=gettext_lazy("Audience"), choices=Audience)
    organisation = forms.CharField(
        label=gettext_lazy("Party organisation"),
        max_length=LONGEST_TYPED,
        required=False,
        widget=organisation_text(),
        help_text=gettext_lazy(
            "The choice of trainees begins with its members: code, a part of the name, or its "
            "pinyin initials."
        ),
    )
    course = CourseField(
        label=LABELS["course"],
        queryset=Course.objects.none(),
        help_text=gettext_lazy(
            "The class is of its module. With more courses the sessions take them in turn."
        ),
    )
    first_day = DayField(label=gettext_lazy("First day"))
    begins_at = forms.TimeField(
        label=gettext_lazy("First session begins at"),
        required=False,
        widget=ClockInput,
        help_text=gettext_lazy(
            "Leave it empty for the usual time of the format. The other sessions move with it."
        ),
    )
    mode = forms.ChoiceField(label=LABELS["mode"], choices=Mode)
    venue = VenueField(
        label=LABELS["venue"],
        queryset=Venue.objects.none(),
        required=False,
    )
    place = forms.CharField(
        label=LABELS["place"],
        max_length=80,
        required=False,
        help_text=gettext_lazy(
            "Where no venue of the school is used: a village square, a home, a link."
        ),
    )
    instructor = InstructorField(
        label=LABELS["instructor"],
        queryset=Instructor.objects.none(),
        required=False,
        empty_label=gettext_lazy("not known yet"),
    )
    lecturer_reason = forms.CharField(
        label=LABELS["lecturer_reason"],
        max_length=200,
        required=False,
        help_text=gettext_lazy("Only where something speaks against the lecturer at this time."),
    )
    programme = forms.ModelChoiceField(
        label=LABELS["programme"],
        queryset=Programme.objects.none(),
        required=False,
        empty_label=gettext_lazy("none"),
    )
    capacity = forms.IntegerField(
        label=LABELS["capacity"],
        required=False,
        min_value=1,
        max_value=30_000,
        help_text=gettext_lazy("Leave it empty for as many as the venue holds."),
    )
    is_open = forms.BooleanField(label=LABELS["is_open"], required=False)
    joint_schools = forms.ModelMultipleChoiceField(
        School.objects.none(),
        label=gettext_lazy("Schools that join"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=JOINING_HELP,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        user: User,
        schools: list[School],
        on: date,
        wanted: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            data,
            initial={
                "preset": Preset.PACK,
                "audience": Audience.ORDINARY,
                "mode": Mode.ON_SITE,
                **(wanted or {}),
            },
        )
        self.user, self.on = user, on
        keys = [school.pk for school in schools]
        courses = Course.objects.offered_from(on).select_related("module")
        self._add_courses(courses)
        choices: dict[str, Any] = {
            "school": School.objects.filter(pk__in=keys),
            "course": courses,
            "venue": Venue.objects.filter(from_day_on(on), school__in=keys).with_detail(),
            "instructor": Instructor.objects.filter(
                Q(letters=None) | Q(letters__in=AppointmentLetter.objects.in_force(on))
            ).distinct(),
            "programme": Programme.objects.filter(from_day_on(on)),
            "joint_schools": School.objects.in_force(on).exclude(
                pk__in=keys if len(keys) == 1 else []
            ),
        }
        for name, rows in choices.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        self.fields["preset"].choices = _presets()  # type: ignore[attr-defined]
        self.fields["first_day"].widget.attrs["min"] = on.isoformat()
        if len(schools) == 1:
            self.fields["venue"].own_school = schools[0].pk  # type: ignore[attr-defined]
            self.initial["school"] = schools[0]
            self.fields["school"].widget = forms.HiddenInput()

    def _add_courses(self, courses: QuerySet[Course]) -> None:
        """Add fields for more courses after the first."""
        more = {
            f"course_{number}": CourseField(
                label=_("Course %(number)d") % {"number": number},
                queryset=courses,
                required=False,
                empty_label=_("none"),
            )
            for number in range(2, MOST_COURSES + 1)
        }
        names = [*self.fields]
        place = names.index("course") + 1
        self.fields.update(more)
        self.order_fields([*names[:place], *more, *names[place:]])

    def clean_organisation(self) -> Organisation | None:
        """The one visible organisation that matches the text."""
        text = self.cleaned_data["organisation"]
        days = inclusive_period(self.on, self.on)
        organisations = find_organisations(
            self.user, text, days, self.on, limit=ORGANISATIONS_NAMED
        ).shown
        if text and not organisations:
            raise forms.ValidationError(
                _("No organisation fits this. Type less of its name."), code="unknown"
            )
        if len(organisations) > 1:
            names = _("; ").join(typed_as(organisation) for organisation in organisations)
            text = _(
                "Several organisations fit this. Type more of the name or the code of one, for "
                "instance: %(organisations)s."
            )
            raise forms.ValidationError(text % {"organisations": names}, code="several")
        return organisations[0] if organisations else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("title", "place", "lecturer_reason"):
            if holds_resident_id(cleaned.get(name, "")):
                self.add_error(name, _("An ID number does not belong here."))
        school, venue = cleaned.get("school"), cleaned.get("venue")
        if school and venue and venue.school_id != school.pk:
            self.add_error("venue", _("This venue is another school's."))
        joining = cleaned.get("joint_schools")
        if school and joining and school in joining:
            text = _("The school that holds the class does not join it.")
            self.add_error("joint_schools", text)
        return cleaned

    def refuse(self, error: Exception) -> None:
        """Show an error about the courses at the first of them."""
        if getattr(error, "field", None) == "courses":
            self.add_error("course", str(error))
        else:
            super().refuse(error)

    @property
    def more_courses(self) -> list[forms.BoundField]:
        """The fields of the courses after the first; the page collapses them."""
        return [field for field in self if field.name.startswith("course_")]

    @property
    def has_more_courses(self) -> bool:
        """Whether one of them is filled in or has errors, and so is shown."""
        return any(field.value() or field.errors for field in self.more_courses)

    @property
    def plan(self) -> ClassPlan:
        """The plan that the valid form describes."""
        chosen = [name for name in self.fields if name.startswith("course")]
        values = {"courses": [course for name in chosen if (course := self.cleaned_data[name])]}
        known = self.cleaned_data | values
        return ClassPlan(
            **{field.name: known[field.name] for field in fields(ClassPlan) if field.name in known}
        )


class JoiningSchoolsForm(IdempotentForm):
    """The other schools that join a class."""

    joint_schools = forms.ModelMultipleChoiceField(
        School.objects.none(),
        label=gettext_lazy("Schools that join"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=JOINING_HELP,
    )

    def __init__(self, data: Any = None, *, training_class: TrainingClass, on: date) -> None:
        joining = list(training_class.joining_schools.values_list("school", flat=True))
        super().__init__(data, initial={"joint_schools": joining})
        # One that was closed meanwhile stays until it is taken off.
        others = School.objects.filter(in_force(on) | Q(pk__in=joining))
        rows = others.exclude(pk=training_class.school_id)
        self.fields["joint_schools"].queryset = rows  # type: ignore[attr-defined]


class ClassForm(PortalModelForm):
    """The fields of a class that may change after planning."""

    class Meta:
        model = TrainingClass
        fields = ("title", "mode", "programme", "capacity", "is_open")
        labels = LABELS


class ClassSessionForm(SessionForm):
    """One session of a class, until its roll is begun."""

    class Meta:
        model = Session
        fields = (
            *("course", "instructor", "lecturer_reason", "venue", "place"),
            *("starts_at", "ends_at", "hours", "hours_reason"),
        )
        field_classes = {
            "course": CourseField,
            "instructor": InstructorField,
            "venue": VenueField,
        }
        labels = LABELS
        widgets = {"starts_at": MomentInput, "ends_at": MomentInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        school_id = self.instance.training_class.school_id
        # A class handed over by another school keeps its venues.
        venues = Venue.objects.filter(Q(school=school_id) | Q(pk=self.instance.venue_id))
        self.fields["venue"].own_school = school_id  # type: ignore[attr-defined]
        self.fields["venue"].queryset = venues.with_detail()  # type: ignore[attr-defined]
        # A retired course stays with the session that has it.
        courses = Course.objects.filter(
            in_force(self.instance.held_on) | Q(pk=self.instance.course_id)
        )
        self.fields["course"].queryset = courses.select_related("module")  # type: ignore[attr-defined]


def _presets() -> list[tuple[str, str]]:
    """Each preset that has sessions, with its start time and its total hours."""
    rows = list(PresetSession.objects.order_by("number"))
    sessions = {preset: [row for row in rows if row.preset == preset] for preset in Preset}
    return [
        (
            preset.value,
            _("%(preset)s: %(hours)s credit hours, from %(time)s")
            % {
                "preset": preset.label,
                "hours": format_hours(sum((row.hours for row in meets), Decimal())),
                "time": f"{meets[0].starts:%H:%M}",
            },
        )
        for preset, meets in sessions.items()
        if meets
    ]
