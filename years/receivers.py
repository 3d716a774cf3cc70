"""This app's reactions to signals of the apps below."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from backstage.confirmations import Blocker
from hours.enums import DisputeState
from hours.models import Dispute
from schools.models import School
from schools.signals import school_closing
from trainees.models import Member
from trainees.signals import owing_changed
from years.queries.hours import get_year_of


@receiver(school_closing, dispatch_uid="years.tell_disputes_open")
def tell_disputes_open(school: School, **_kwargs: Any) -> list[Blocker]:
    """Disputes that nobody could answer once the school's clerks have lost their role."""
    n = Dispute.objects.filter(school=school, state=DisputeState.OPEN).count()
    if not n:
        return []
    label = ngettext(
        "%(n)d dispute is not answered: the clerk answers it first.",
        "%(n)d disputes are not answered: the clerk answers them first.",
        n,
    )
    query = urlencode({"school": school.pk, "stage": DisputeState.OPEN})
    return [Blocker(label % {"n": n}, f"{reverse('years:disputes')}?{query}")]


@receiver(owing_changed, dispatch_uid="years.tell_year_then")
def tell_year_then(member: Member, first: date, user: User, on: date, **_kwargs: Any) -> list[str]:
    """The member's year after the act, as of its `first` day if that is ahead, in sentences.

    A change that takes effect in a later year does not affect this one.
    """
    day = first if on < first and first.year == on.year else on
    then = get_year_of(user, member, on.year, day)
    return [_("The year then says: %(sentence)s.") % {"sentence": then.sentence}]
