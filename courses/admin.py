"""Admin pages for courses, training classes and sessions of the district Party school."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.forms import CheckboxSelectMultiple, Select
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin_base import DatedAdmin, PortalModelAdmin
from accounts.admin_forms import PortalModelForm
from accounts.enums import DISTRICT_ROLES, Role
from courses.forms import SessionForm, VenueField
from courses.models import (
    Course,
    Module,
    PresetSession,
    Programme,
    Session,
    StrandShare,
    TrainingClass,
    Venue,
)
from courses.records import add_session, save_class, save_course, save_session
from instructors.forms import InstructorField


class MenuAdmin(PortalModelAdmin):
    """Pages that the academic officer edits and the organisation department reads."""

    view_roles = DISTRICT_ROLES
    change_roles = frozenset({Role.DISTRICT_SCHOOL})


@admin.register(Module)
class ModuleAdmin(MenuAdmin):
    fields = ("code", "name")
    list_display = ("code", "name")


@admin.register(StrandShare)
class StrandShareAdmin(DatedAdmin):
    """A past year keeps its own shares: a new share is a new row."""

    view_roles = DISTRICT_ROLES
    change_roles = frozenset({Role.DISTRICT_SCHOOL})
    fields = ("module", "strand", "percent", "tolerance", "period")
    list_display = ("module", "strand", "percent", "tolerance", "period_shown")
    list_select_related = ("module",)
    list_filter = (*DatedAdmin.list_filter, "module", "strand")


@admin.register(Course)
class CourseAdmin(MenuAdmin):
    """The menu is kept on its own pages; here a course that nothing refers to is deleted."""

    deletable = True
    fields = (
        *("code", "title", "module", "strand", "hours", "format", "is_premium", "is_elective"),
        *("period", "instructors"),
    )
    formfield_overrides = {
        **MenuAdmin.formfield_overrides,
        models.ManyToManyField: {
            "widget": CheckboxSelectMultiple(attrs={"class": "checkbox-columns"})
        },
    }
    list_display = ("code", "title", "module", "strand", "hours", "is_premium", "is_elective")
    list_select_related = ("module",)
    list_filter = ("module", "strand", "is_premium", "is_elective")
    search_fields = ("code__startswith", "title", "instructors__name")

    def write(self, form: PortalModelForm, **kwargs: Any) -> None:
        save_course(**kwargs)


@admin.register(Programme)
class ProgrammeAdmin(DatedAdmin):
    view_roles = DISTRICT_ROLES
    change_roles = frozenset({Role.DISTRICT_SCHOOL, Role.ORGANISATION_DEPARTMENT})
    fields = ("kind", "name", "period")
    list_display = ("name", "kind", "period_shown")


@admin.register(PresetSession)
class PresetSessionAdmin(MenuAdmin):
    """Changes affect new classes only; existing classes stay as they are."""

    deletable = True
    fields = ("preset", "number", "day", "starts", "minutes", "hours")
    list_display = ("preset", "number", "day", "starts", "minutes", "hours")
    list_filter = ("preset",)


@admin.register(TrainingClass)
class TrainingClassAdmin(MenuAdmin):
    """A class stays with its school, where rosters and credit hours were recorded.

    Only a merger of schools moves it, before it has begun.
    """

    deletable = True
    fields = (
        *("code", "title", "school", "module", "format", "mode", "audience"),
        *("programme", "capacity", "is_open"),
    )
    fixed_after_add = ("school",)
    list_display = ("code", "title", "school", "module", "format", "mode", "audience")
    list_select_related = ("school", "module")
    list_filter = ("school", "module", "format", "mode", "audience")
    search_fields = ("code__startswith", "title")

    def write(self, form: PortalModelForm, **kwargs: Any) -> None:
        save_class(at=timezone.now(), **kwargs)


@admin.register(Session)
class SessionAdmin(MenuAdmin):
    """Sessions of a class. The date that the hours count for is computed from the start."""

    form = SessionForm
    deletable = True
    fields = (
        "training_class",
        "number",
        "course",
        "instructor",
        "venue",
        "place",
        "starts_at",
        "ends_at",
        "hours",
        "hours_reason",
        "lecturer_reason",
        "called_off_at",
        "called_off_because",
    )
    key_fields = {"training_class": "code", "course": "code"}
    readonly_fields = ("called_off_at", "called_off_because")
    list_display = ("training_class", "number", "held_on", "course", "instructor", "venue", "hours")
    list_select_related = ("training_class", "course", "instructor", "venue")
    list_filter = ("training_class__school", "training_class__module")
    date_hierarchy = "held_on"
    search_fields = (
        "training_class__code__startswith",
        "training_class__title",
        "course__title",
        "instructor__name",
    )
    ordering = ("-starts_at", "-id")

    def write(self, form: PortalModelForm, **kwargs: Any) -> None:
        save = add_session if kwargs["obj"]._state.adding else save_session
        save(at=timezone.now(), **kwargs)

    def school_code_of(self, obj: Session) -> str:
        return obj.training_class.school.code

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "venue":
            kwargs |= {"form_class": VenueField, "queryset": Venue.objects.with_detail()}
        if db_field.name == "instructor":
            kwargs |= {"form_class": InstructorField, "widget": Select}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
