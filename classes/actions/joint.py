"""What the rosters of joint classes ask before a school leaves."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.records import RecordError
from classes.models import Enrolment
from classes.queries.joint import members_of_schools
from config.lib.periods import local_date
from courses.joint_actions import FIELD
from courses.models import TrainingClass
from schools.models import Organisation, School


def refuse_leaving_trainees(training_class: TrainingClass, school: School, at: datetime) -> None:
    """Raise RecordError while members of a school are on the roster of the locked class, or wait.

    Also those who withdrew after a session: they sat there for this school.
    """
    on = local_date(at)
    enrolled = Enrolment.objects.filter(
        training_class=training_class,
        sessions__isempty=False,
        organisation__in=Organisation.objects.for_school(school, on).order_by().values("pk"),
    )
    n = enrolled.values("member").distinct().count()
    n += training_class.waiting_list.filter(member__in=members_of_schools([school.pk], on)).count()
    if n:
        text = _(
            "Trainees of %(school)s on the roster or the waiting list: %(n)d. The school stays "
            "until they are taken off."
        )
        raise RecordError(text % {"n": n, "school": school.name}, field=FIELD)
