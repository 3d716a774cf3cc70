"""What this app says to acts of the apps below."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import ngettext

from backstage.two_steps import Blocker
from courses.models import Session
from schools.models import School
from schools.signals import school_closing


@receiver(school_closing, dispatch_uid="courses.tell_sessions_planned")
def tell_sessions_planned(school: School, on: date, **_kwargs: Any) -> list[Blocker]:
    """Sessions planned at the school for the day `on` or later: nobody would hold them."""
    n = Session.objects.filter(training_class__school=school, held_on__gte=on).count()
    if not n:
        return []
    label = ngettext(
        "%(n)d session is planned on that day or later: the academic officer moves or deletes it.",
        "%(n)d sessions are planned on that day or later: the academic officer moves or deletes "
        "them.",
        n,
    )
    query = urlencode({"school": school.pk, "from": on.isoformat()})
    return [Blocker(label % {"n": n}, f"{reverse('trainees:sessions')}?{query}")]
