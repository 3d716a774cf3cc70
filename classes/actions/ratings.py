"""Trainees rate a class that they attended: once, and no answer can be traced to its author."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor
from classes.errors import RatingError
from classes.models import RatingGiven, RatingRound
from classes.queries.ratings import find_open_window, has_rated
from courses.models import TrainingClass
from trainees.models import Member

# All answers of the class are deleted and inserted again together with the new one, in random
# order, with new random keys. So neither the key nor the place on disk shows which came last, and
# all carry the transaction (xmin) of the last rating.
_MIX = """
WITH taken_up AS (
    DELETE FROM classes_ratinganswer WHERE training_class_id = %(training_class)s
    RETURNING content, teaching, usefulness, organisation, text
), all_of_them AS (
    SELECT * FROM taken_up
    UNION ALL
    SELECT %(content)s, %(teaching)s, %(usefulness)s, %(organisation)s, %(text)s
)
INSERT INTO classes_ratinganswer
    (id, training_class_id, content, teaching, usefulness, organisation, text)
SELECT gen_random_uuid(), %(training_class)s, content, teaching, usefulness, organisation, text
FROM all_of_them ORDER BY gen_random_uuid()
"""


@dataclass(frozen=True)
class Rating:
    """Scores from 1 to 5, and a remark."""

    content: int
    teaching: int
    usefulness: int
    organisation: int
    text: str = ""


def rate_class(*, training_class_id: int, rating: Rating, by: Actor, at: datetime) -> None:
    """Rate a class once it is over, within the time that its rule allows.

    The audit trail records that the actor has rated it, not how. Raises TrainingClass.DoesNotExist
    for a class that the actor did not attend or that is closed, and RatingError if already rated.
    """
    with transaction.atomic():
        member = Member.objects.filter(user=by.user, merged_into=None).first() if by.user else None
        if member is None:
            raise PermissionDenied
        # Concurrent ratings wait here: the answers are mixed one after the other.
        training_class = (
            TrainingClass.objects.select_related("school")
            .select_for_update(of=("self",), no_key=True)
            .get(pk=training_class_id)
        )
        if has_rated(training_class.pk, member):
            raise RatingError(_("You have rated this class already."))
        window = find_open_window(training_class, member, at)
        if window is None:
            raise TrainingClass.DoesNotExist
        RatingRound.objects.get_or_create(
            training_class=training_class,
            defaults={"last_day": window.last_day, "least": window.least},
        )
        RatingGiven.objects.create(training_class=training_class, member=member)
        with connection.cursor() as cursor:
            cursor.execute(_MIX, _parameters(training_class, rating))
        school = training_class.school
        record_act(act="rate_class", obj=training_class, by=by, at=at, school_code=school.code)


def _parameters(training_class: TrainingClass, rating: Rating) -> dict[str, int | str]:
    names = ("content", "teaching", "usefulness", "organisation", "text")
    values = dict(zip(names, astuple(rating), strict=True))
    return {"training_class": training_class.pk, **values, "text": rating.text.strip()}
