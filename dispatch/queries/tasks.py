"""Tasks about booking and dispatch on the home page."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Count, F, Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from backstage.tasklist import Task
from config.lib.dates import format_day, format_moment
from config.lib.periods import local_date
from dispatch.enums import EngagementState, LetterStage
from dispatch.lists import to_do
from dispatch.models import BookingLetter, Engagement
from dispatch.permissions import dispatches, schools_booked_for
from dispatch.queries.rules import find_booking_rule


def school_tasks(user: User, now: datetime) -> list[Task]:
    """Letters on which the school has the word: answer, agree, evaluate.

    Agreement and evaluation are due some days after the last answer of a lecturer, and after the
    class was taught; the rule of booking says how many.
    """
    on = local_date(now)
    if not holds_any(user, Role.SCHOOL_CLERK):
        return []
    own = BookingLetter.objects.filter(school__in=schools_booked_for(user, on))
    rule = find_booking_rule(on)
    accepted = Q(engagements__state=EngagementState.ACCEPTED)
    agreed = own.filter(stage=LetterStage.SCHEDULED).annotate(
        sessions=Count("engagements__number", distinct=True),
        accepted=Count("engagements__number", filter=accepted, distinct=True),
    )
    agreed = agreed.filter(sessions=F("accepted"), sessions__gt=0)
    taught = own.filter(stage=LetterStage.TAUGHT, steps__stage=LetterStage.TAUGHT)
    return [
        *_task(
            own.filter(stage=LetterStage.INQUIRY).annotate(since=Max("steps__taken_at")),
            LetterStage.INQUIRY,
            _("Answer what the district asks about %(n)d booking letters"),
            None,
            on,
        ),
        *_task(
            agreed.annotate(since=Max("engagements__answered_at")),
            LetterStage.SCHEDULED,
            _("Agree to the schedule of %(n)d booking letters"),
            rule.confirm_days if rule else None,
            on,
        ),
        *_task(
            taught.annotate(since=Max("steps__taken_at")),
            LetterStage.TAUGHT,
            _("Say how the class of %(n)d booking letters was"),
            rule.evaluate_days if rule else None,
            on,
        ),
    ]


def _task(
    letters: QuerySet, stage: LetterStage, text: str, days: int | None, on: date
) -> list[Task]:
    """One task for all these letters, with the day of the first; none without letters."""
    moments = [local_date(moment) for moment in letters.values_list("since", flat=True) if moment]
    if not moments:
        return []
    address = f"{reverse('dispatch:letters')}?letter_stage={stage}"
    label = text % {"n": len(moments)}
    if days is None:
        return [Task(label, address, due=_("since %(day)s") % {"day": format_day(min(moments))})]
    last = min(moments) + timedelta(days=days)
    due = _("until %(day)s") % {"day": format_day(last)}
    return [Task(label, address, due=due, late=last < on)]


def desk_tasks(user: User, now: datetime) -> list[Task]:
    """Letters that wait at the desk."""
    if not dispatches(user):
        return []
    rows = to_do(BookingLetter.objects.all()).order_by("first_day")
    days = list(rows.values_list("first_day", flat=True))
    if not days:
        return []
    text = ngettext(
        "Work on %(n)d booking letter at the desk",
        "Work on %(n)d booking letters at the desk",
        len(days),
    )
    first = min(day for day in days if day is not None)
    due = _("the first is wished for %(day)s") % {"day": format_day(first)}
    late = first < local_date(now)
    return [Task(text % {"n": len(days)}, reverse("dispatch:queue"), due=due, late=late)]


def lecturer_tasks(user: User, now: datetime) -> list[Task]:
    """Proposals that the lecturer has not answered."""
    if not holds_any(user, Role.LECTURER):
        return []
    rows = Engagement.objects.filter(
        instructor__user=user, state=EngagementState.PROPOSED, answer_by__gt=now
    )
    moments = [moment for moment in rows.values_list("answer_by", flat=True) if moment]
    if not moments:
        return []
    text = ngettext(
        "Answer %(n)d proposal to teach", "Answer %(n)d proposals to teach", len(moments)
    )
    due = _("until %(day)s") % {"day": format_moment(min(moments))}
    return [Task(text % {"n": len(moments)}, reverse("dispatch:my_engagements"), due=due)]
