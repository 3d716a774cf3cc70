"""Forms for the courses of the menu."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import PortalModelForm
from backstage.forms import DatedForm, IdempotentForm
from config.lib.period_forms import DayField
from config.lib.periods import calendar_year, in_force, period
from courses.class_forms import CourseField
from courses.enums import Format, RegulationTask, Strand
from courses.errors import CoursesError
from courses.mix import Target, Targets
from courses.models import MOST_TIMES, Course
from instructors.lecturer_choice import SeveralLecturers, describe_lecturer
from instructors.models import Instructor
from schools.enums import Audience


class LecturersField(forms.ModelMultipleChoiceField):
    """Several lecturers, each found by typing."""

    widget = SeveralLecturers

    def label_from_instance(self, obj: Any) -> str:
        return describe_lecturer(obj)


class CourseForm(PortalModelForm):
    """A course of the menu; `on` is the day of the form.

    Its last day is set by retiring it.
    """

    audiences = forms.MultipleChoiceField(
        label=gettext_lazy("Audiences"),
        choices=Audience,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Tick none if it is for everybody."),
    )
    tasks = forms.MultipleChoiceField(
        label=gettext_lazy("Tasks of the regulation that it serves"),
        choices=RegulationTask,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("The annual report asks which tasks were served."),
    )
    first_day = DayField(
        label=gettext_lazy("Offered from"),
        help_text=gettext_lazy("Sessions take it from this day on."),
    )
    instructors = LecturersField(
        label=gettext_lazy("Who may teach it"), queryset=Instructor.objects.none(), required=False
    )

    field_order = (
        *("code", "title", "module", "strand", "hours", "format", "audiences", "tasks"),
        *("is_premium", "is_elective", "first_day", "instructors"),
    )

    class Meta:
        model = Course
        fields = (
            *("code", "title", "module", "strand", "hours", "format", "audiences", "tasks"),
            *("is_premium", "is_elective", "instructors"),
        )
        labels = {"title": gettext_lazy("Title of the course")}

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        course, fields = self.instance, self.fields
        fields["format"].choices = [("", _("any format")), *Format.choices]  # type: ignore[attr-defined]
        may_teach = Q(letters=None) | in_force(on, "letters__period")
        if course._state.adding:
            self.initial["first_day"] = on
        else:
            self.initial["first_day"] = course.period.lower
            may_teach |= Q(courses=course)
        fields["instructors"].queryset = Instructor.objects.filter(may_teach).distinct()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, end = cleaned.get("first_day"), self.instance.period.upper
        if first and self.instance._state.adding:
            self.instance.period = period(first)
        elif first and end and first >= end:
            self.add_error("first_day", _("The course is retired before this day."))
        elif first:
            self.instance.period = period(first, end)
        return cleaned


class MixForm(DatedForm):
    """The mix of a module from a day on: the share of each strand, and one tolerance for all."""

    tolerance = forms.DecimalField(
        label=gettext_lazy("Tolerance (points)"),
        min_value=0,
        max_value=100,
        max_digits=4,
        decimal_places=2,
        help_text=gettext_lazy("How far a share may be from its target, up and down."),
    )

    def __init__(self, data: Any, *, today: date, targets: Targets) -> None:
        super().__init__(data, today=today)
        for strand in Strand:
            target = targets.get(strand)
            self.fields[strand.value] = forms.DecimalField(
                label=_("Share of %(strand)s (%%)") % {"strand": strand.label},
                initial=target and target.percent,
                min_value=0,
                max_value=100,
                max_digits=5,
                decimal_places=2,
            )
        self.initial["tolerance"] = max((t.tolerance for t in targets.values()), default=None)
        self.order_fields([*(strand.value for strand in Strand), "tolerance", "on"])

    @property
    def targets(self) -> dict[Strand, Target]:
        """The mix that the valid form describes."""
        tolerance = self.cleaned_data["tolerance"]
        return {strand: Target(self.cleaned_data[strand.value], tolerance) for strand in Strand}


class CardForm(forms.Form):
    """The month and the times of a course of the plan; without times they stay."""

    month = forms.TypedChoiceField(
        label=gettext_lazy("Month"), choices=list(MONTHS.items()), coerce=int
    )
    times = forms.IntegerField(
        label=gettext_lazy("How many times"), min_value=1, max_value=MOST_TIMES, required=False
    )


class AdviceForm(IdempotentForm):
    """Which of the changes that are advised is carried out: its token."""

    advice = forms.CharField(max_length=16)


class WishForm(forms.Form):
    """A course for the plan of a year: in which month, for whom, and how many times."""

    month = forms.TypedChoiceField(
        label=gettext_lazy("Month"), choices=list(MONTHS.items()), coerce=int
    )
    course = CourseField(label=gettext_lazy("Course"), queryset=Course.objects.none())
    audience = forms.ChoiceField(label=gettext_lazy("Audience"), choices=Audience)
    times = forms.IntegerField(
        label=gettext_lazy("How many times"),
        min_value=1,
        max_value=MOST_TIMES,
        initial=1,
        help_text=gettext_lazy(
            "A course that stands in the month already is taught so often more."
        ),
    )

    def __init__(self, data: Any, *, year: int, month: int) -> None:
        super().__init__(data, initial={"month": month, "audience": Audience.ORDINARY})
        offered = Course.objects.filter(period__overlap=calendar_year(year))
        self.fields["course"].queryset = offered.select_related("module")  # type: ignore[attr-defined]

    @property
    def wish(self) -> dict[str, Any]:
        """What the valid form says."""
        return {name: self.cleaned_data[name] for name in self.fields}

    def refuse(self, error: CoursesError) -> None:
        """Show the action's error at the field that it is about."""
        self.add_error(error.field if error.field in self.fields else None, error.message)


class RetireForm(IdempotentForm):
    """The last day on which a course is offered; none for a course without an end."""

    last_day = DayField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy(
            "Sessions take the course until this day, included. Leave it empty to offer the course "
            "without an end."
        ),
    )
