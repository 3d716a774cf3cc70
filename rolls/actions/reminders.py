"""Reminding clerks of rolls that they have not submitted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.audit import AuditSubject, record_acts
from accounts.origin import Actor
from config.lib.periods import local_date
from courses.models import Session
from rolls.models import RollReminder
from rolls.notices import tell_of_reminder
from rolls.permissions import reminds_of_rolls, takes_rolls
from rolls.queries.deadlines import is_due
from schools.queries.clerks import list_clerk_accounts


def remind_of_rolls(*, session_ids: Iterable[int], by: Actor, at: datetime) -> int:
    """Remind the clerks of due rolls that the actor sees; return of how many.

    It is a message to each of them, and stands in their task. A roll is asked for once a day in
    all: one that was asked for today, is not due, or is taken by the actor is passed over. Raises
    PermissionDenied.
    """
    if by.user is None or not reminds_of_rolls(by.user):
        raise PermissionDenied
    on = local_date(at)
    with transaction.atomic():
        sessions = list(
            Session.objects.visible_to(by.user, on)
            .filter(is_due(at), pk__in=list(session_ids))
            .exclude(takes_rolls(by.user, on))
            .select_related("training_class__school")
            .order_by("training_class__school__code", "pk")
            .select_for_update(of=("self",), no_key=True)
        )
        done = RollReminder.objects.filter(session__in=sessions, sent_on=on)
        asked = set(done.values_list("session", flat=True))
        new = [session for session in sessions if session.pk not in asked]
        RollReminder.objects.bulk_create(
            RollReminder(session=session, sent_on=on, sent_at=at, sent_by=by.user)
            for session in new
        )
        for code, of_school in groupby(new, key=lambda one: one.training_class.school.code):
            sessions = list(of_school)
            clerks = list(list_clerk_accounts(sessions[0].training_class.school_id, on))
            for session in sessions:
                tell_of_reminder(session, to=clerks, by=by.user, at=at)
            subjects = (AuditSubject(Session, one.pk, str(one)) for one in sessions)
            record_acts(act="remind_of_roll", subjects=subjects, by=by, at=at, school_code=code)
    return len(new)
