"""Registers the page of a school, its venues and the menu with the registries of lower apps."""

from collections.abc import Sequence

from django.db.models import TextChoices
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES
from accounts.trail import FactWriter, register_fact
from backstage.exports import (
    NOT_NAMED,
    NOT_NAMED_LABEL,
    register_export,
    register_filter,
    word_from,
)
from backstage.menu import MenuLink, register_link
from backstage.tasklist import register_lookup
from config.lib.pages import register_pages
from courses.enums import Format, RegulationTask, Strand
from courses.exports import MENU, VENUES
from courses.filters import MARK_LABELS, OFFER_LABELS
from courses.records import format_equipment
from schools.enums import Audience

_STAFF = SCHOOL_ROLES | DISTRICT_ROLES


def register() -> None:
    """Register everything."""
    register_pages({"school": "courses:school"})
    register_export(VENUES)
    register_fact("equipment", _("equipment"), format_equipment)
    _register_menu()


def _register_menu() -> None:
    label = pgettext_lazy("entry of the menu", "Courses")
    register_link(MenuLink(label, "courses:menu", 65, _STAFF))
    register_lookup(_("Menu of courses"), "courses:menu", _STAFF, rank=205)
    register_lookup(_("Mix of strands"), "courses:mix", _STAFF, rank=206)
    register_export(MENU)
    register_filter("course", _("Title or code of the course"), rank=205)
    register_filter("module", _("Module"), rank=42)
    register_filter("strand", _("Strand"), word_from(Strand.choices), rank=44)
    register_filter("course_format", _("Format"), word_from(Format.choices), rank=46)
    tasks = [*RegulationTask.choices, (NOT_NAMED, NOT_NAMED_LABEL)]
    register_filter("task", _("Task of the regulation"), word_from(tasks), rank=52)
    register_filter("mark", _("Mark"), word_from(MARK_LABELS.items()), rank=54)
    register_filter("offered", _("Offered"), word_from(OFFER_LABELS.items()), rank=56)
    register_fact("copied", _("courses copied"), of="schools.school")
    register_fact("joint_schools", _("schools that join"), _join_words, of="courses.trainingclass")
    register_fact("file_name", _("name of the file"), of="courses.coursematerial")
    for strand in Strand:
        register_fact(strand.value, strand.label, of="courses.module")
    register_fact("audiences", _("audiences"), _words_of(Audience), of="courses.course")
    register_fact(
        "tasks", _("tasks of the regulation"), _words_of(RegulationTask), of="courses.course"
    )


def _join_words(values: Sequence[object]) -> str:
    return gettext("; ").join(str(value) for value in values)


def _words_of(choices: type[TextChoices]) -> FactWriter:
    """How a list of these choices is written in the trail."""
    word = word_from(choices.choices)
    return lambda values: gettext("; ").join(word(value) for value in values)
