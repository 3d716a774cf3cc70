"""Registers booking and dispatch with the registries of the apps below."""

from collections.abc import Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, Role
from accounts.trail import register_fact
from backstage.exports import register_export, register_filter, word_from
from backstage.menu import MenuLink, register_link
from backstage.tasklist import register_lookup, register_tasks
from config.lib.pages import register_pages
from courses.models import Session
from dispatch.exports import LETTERS
from dispatch.filters import STATE_WORDS
from dispatch.models import BookingLetter, Engagement, PlanVersion
from dispatch.notices import register_notices
from dispatch.queries.tasks import desk_tasks, lecturer_tasks, school_tasks

_STAFF = SCHOOL_ROLES | DISTRICT_ROLES


def register() -> None:
    """Register everything."""
    register_notices()
    register_pages({"write_letter": "dispatch:write_letter"})
    register_tasks(lecturer_tasks, rank=24)
    register_tasks(school_tasks, rank=26)
    register_tasks(desk_tasks, rank=28)
    register_link(MenuLink(_("Bookings"), "dispatch:letters", 66, frozenset(_STAFF)))
    desk = frozenset({Role.DISTRICT_SCHOOL})
    register_link(MenuLink(_("Dispatch"), "dispatch:queue", 67, desk))
    register_lookup(_("Booking letters"), "dispatch:letters", _STAFF, rank=207)
    register_lookup(_("Dispatch desk"), "dispatch:queue", desk, rank=208)
    register_lookup(_("Dispatch plan"), "dispatch:plan", desk, rank=209)
    register_lookup(_("Rules of booking"), "dispatch:booking_rules", desk, rank=211)
    lecturers = [Role.LECTURER]
    register_lookup(_("My engagements"), "dispatch:my_engagements", lecturers, rank=174)
    register_export(LETTERS)
    register_filter("booking", _("Number or title"), rank=86)
    register_filter("letter_stage", _("State"), word_from(STATE_WORDS.items()), rank=84)
    _register_facts()


def _register_facts() -> None:
    """Words for what the trail keeps of letters, engagements and versions."""
    letter, engagement = (model._meta.label_lower for model in (BookingLetter, Engagement))
    version = PlanVersion._meta.label_lower
    register_fact("headcount", _("people expected"), of=letter)
    register_fact("items", _("what is wanted"), join_words, of=letter)
    register_fact("dates", _("dates by preference"), join_words, of=letter)
    register_fact("joint_schools", _("schools that join"), join_words, of=letter)
    register_fact("first_day", _("first day"), of=letter)
    register_fact("rating", _("rating"), of=letter)
    register_fact("reason", _("reason"), of=letter)
    register_fact("warnings", _("warnings"), join_words, of=letter)
    register_fact("warnings", _("warnings"), join_words, of=engagement)
    register_fact("warnings", _("warnings"), join_words, of=Session._meta.label_lower)
    register_fact("reason", _("reason"), of=Session._meta.label_lower)
    register_fact("course_id", _("course"), of=engagement)
    register_fact("venue_id", _("venue"), of=engagement)
    register_fact("lines", _("sessions in the plan"), of=version)
    register_fact("proposed", _("sessions newly proposed"), of=version)


def join_words(values: Sequence[object]) -> str:
    """Several words or days of a fact as one text."""
    return gettext("; ").join(str(value) for value in values)
