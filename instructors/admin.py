"""Lecturers (district school) and their letters of appointment (organisation department)."""

from typing import Any

from django.contrib import admin

from accounts.admin_base import DatedAdmin, InForceFilter, PortalModelAdmin
from accounts.admin_forms import PortalModelForm
from accounts.enums import DISTRICT_ROLES, Role
from instructors.models import AppointmentLetter, Instructor
from instructors.records import save_instructor


@admin.register(Instructor)
class InstructorAdmin(PortalModelAdmin):
    view_roles = DISTRICT_ROLES
    change_roles = frozenset({Role.DISTRICT_SCHOOL})
    fields = ("name", "corps", "title", "employer", "nominated_by", "user")
    key_fields = {"user": "username"}
    list_display = ("name", "corps", "title", "employer", "nominated_by")
    list_select_related = ("nominated_by",)
    list_filter = ("corps", "title", "nominated_by")
    search_fields = ("name", "employer")

    def write(self, form: PortalModelForm, **how: Any) -> None:
        save_instructor(**how)


@admin.register(AppointmentLetter)
class AppointmentLetterAdmin(DatedAdmin):
    """The district appoints; a letter once signed says what it says, and its term may be cut."""

    view_roles = DISTRICT_ROLES
    change_roles = frozenset({Role.ORGANISATION_DEPARTMENT})
    fields = ("number", "instructor", "period", "signed_on")
    list_display = ("number", "instructor", "period_shown", "signed_on")
    list_select_related = ("instructor",)
    list_filter = (InForceFilter, "instructor__corps")
    search_fields = ("number__startswith", "instructor__name")
