"""Who may see the materials of a class."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from classes.models import ClassMaterial, Enrolment
from config.lib.periods import local_date
from courses.models import Session, TrainingClass

# How long the home page of a lecturer links to the materials of a class that is over.
DAYS_BACK = 30


def classes_with_materials_for(user: User, on: date) -> QuerySet[TrainingClass]:
    """Classes with materials that `user` may see.

    Those of visible schools, those that such a school joins, those with `user` on the roster now or
    earlier, and those they teach.
    """
    enrolled = Enrolment.objects.filter(
        training_class=OuterRef("pk"), member__user=user, sessions__isempty=False
    )
    taught = Session.objects.filter(training_class=OuterRef("pk"), instructor__user=user)
    return TrainingClass.objects.filter(
        Q(pk__in=TrainingClass.objects.visible_to(user, on).values("pk"))
        | Q(pk__in=TrainingClass.objects.joined_for(user, on).values("pk"))
        | Exists(enrolled)
        | Exists(taught)
    )


def list_taught_with_materials(user: User, now: datetime) -> QuerySet[TrainingClass]:
    """Upcoming or recent classes that `user` teaches and that have materials."""
    since = local_date(now) - timedelta(days=DAYS_BACK)
    taught = Session.objects.filter(instructor__user=user, held_on__gte=since)
    return TrainingClass.objects.filter(
        Exists(ClassMaterial.objects.filter(training_class=OuterRef("pk"))),
        pk__in=taught.values("training_class"),
    )
