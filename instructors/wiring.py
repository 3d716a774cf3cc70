"""Registers nominations, letters and days of lecturers with the registries of the apps below."""

from django.utils.translation import gettext_lazy as _

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, Role
from accounts.trail import register_fact
from backstage.exports import NOT_NAMED, NOT_NAMED_LABEL, register_filter, word_from
from backstage.tasklist import register_lookup, register_tasks
from config.lib.filters import yes_or_no
from instructors.availability_forms import format_slots
from instructors.enums import Corps, DayPart, LeaveKind, LetterStanding
from instructors.models import Instructor
from instructors.notices import register_notices
from instructors.queries.tasks import letter_tasks, nomination_tasks

_STAFF = SCHOOL_ROLES | DISTRICT_ROLES


def register() -> None:
    """Register everything."""
    register_notices()
    register_tasks(nomination_tasks, rank=87)
    register_lookup(_("Nominations of lecturers"), "instructors:nominations", _STAFF, rank=263)
    register_tasks(letter_tasks, rank=88)
    register_lookup(_("Letters of appointment"), "instructors:letters", _STAFF, rank=264)
    lecturers = [Role.LECTURER]
    register_lookup(_("When I can teach"), "instructors:my_availability", lecturers, rank=175)
    corps = [*Corps.choices, (NOT_NAMED, NOT_NAMED_LABEL)]
    register_filter("corps", _("Corps"), word_from(corps), rank=81)
    register_filter("lecturer", _("Name or pinyin initials"), rank=86)
    register_filter("township", _("Home township"), rank=82)
    register_filter(
        "letter_standing", _("Letter of appointment"), word_from(LetterStanding.choices), rank=83
    )
    _register_facts()


def _register_facts() -> None:
    """Words for what the trail keeps of a lecturer and their days."""
    of = Instructor._meta.label_lower
    register_fact("name_pinyin", _("name in pinyin"), of=of)
    register_fact("name_initials", _("pinyin initials of the name"), of=of)
    register_fact("weekly_slots", _("parts of the week"), format_slots, of=of)
    register_fact("kind", _("reason"), word_from(LeaveKind.choices), of=of)
    register_fact("period", _("days of leave"), of=of)
    register_fact("day", _("date"), of=of)
    register_fact("part", _("part of the day"), word_from(DayPart.choices), of=of)
    register_fact("is_free", _("can teach"), yes_or_no, of=of)
