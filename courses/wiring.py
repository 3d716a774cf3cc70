"""Registers the page of a school and its venues with the registries of the apps below."""

from django.utils.translation import gettext_lazy as _

from accounts.trail import register_fact
from backstage.exports import register_export
from config.lib.pages import register_pages
from courses.exports import VENUES
from courses.records import format_equipment


def register() -> None:
    """Register everything."""
    register_pages({"school": "courses:school"})
    register_export(VENUES)
    register_fact("equipment", _("equipment"), format_equipment)
