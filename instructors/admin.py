"""Lecturers (district school) and their letters of appointment (organisation department)."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.forms import Select
from django.http import HttpRequest

from accounts.admin_base import DatedAdmin, InForceFilter, PortalModelAdmin
from accounts.admin_forms import PortalModelForm
from accounts.enums import DEPARTMENT_ROLES, DISTRICT_ROLES, Role
from config.lib.periods import today
from instructors.forms import InstructorField
from instructors.models import AppointmentLetter, Instructor, LetterRule
from instructors.records import save_instructor, save_letter


@admin.register(Instructor)
class InstructorAdmin(PortalModelAdmin):
    view_roles = DISTRICT_ROLES
    change_roles = frozenset({Role.DISTRICT_SCHOOL})
    fields = ("name", "corps", "title", "employer", "nominated_by", "home_township", "user")
    key_fields = {"user": "username"}
    list_display = ("name", "corps", "title", "employer", "nominated_by", "home_township")
    list_select_related = ("nominated_by", "home_township")
    list_filter = ("corps", "title", "nominated_by", "home_township")
    search_fields = ("name", "employer")

    def write(self, form: PortalModelForm, **kwargs: Any) -> None:
        save_instructor(**kwargs)


@admin.register(LetterRule)
class LetterRuleAdmin(DatedAdmin):
    """How letters are numbered and how long they last. A change is a new row."""

    view_roles = DISTRICT_ROLES
    change_roles = DEPARTMENT_ROLES
    fields = ("number_form", "term_years", "warning_days", "source", "period")
    list_display = ("number_form", "term_years", "warning_days", "source", "period_shown")


@admin.register(AppointmentLetter)
class AppointmentLetterAdmin(DatedAdmin):
    """The district appoints. A signed letter is fixed, but its term may be shortened."""

    view_roles = DISTRICT_ROLES
    change_roles = DEPARTMENT_ROLES
    fields = ("number", "instructor", "period", "signed_on")
    list_display = ("number", "instructor", "period_shown", "signed_on")
    list_select_related = ("instructor",)
    list_filter = (InForceFilter, "instructor__corps")
    search_fields = ("number__startswith", "instructor__name")

    def write(self, form: PortalModelForm, **kwargs: Any) -> None:
        save_letter(on=today(), **kwargs)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "instructor":
            kwargs |= {"form_class": InstructorField, "widget": Select}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
