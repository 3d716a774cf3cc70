"""What becomes of booking letters when their school merges into another."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.audit import AuditSubject, record_acts
from accounts.origin import Actor
from accounts.records import CHANGE
from dispatch.enums import LetterStage
from dispatch.models import BookingLetter, JointSchool
from schools.models import School

# Nothing happens to these any more.
FINISHED = frozenset({LetterStage.EVALUATED, LetterStage.DECLINED, LetterStage.CANCELLED})


def hand_over_letters(school: School, into: School, *, by: Actor, at: datetime) -> list[str]:
    """Letters that are not finished pass to the other school, which goes on with them.

    Number, steps, venue and engagements stay; finished letters stay with the school that is gone.
    Where it was to join a letter of others, the other school does. Returns what happens, in words.
    """
    lasting = BookingLetter.objects.exclude(stage__in=FINISHED)
    own = list(lasting.filter(school=school).select_for_update(of=("self",)).order_by("pk"))
    lasting.filter(pk__in=[letter.pk for letter in own]).update(school=into)
    before, after = {"school_id": school.pk}, {"school_id": into.pk}
    subjects = [
        AuditSubject(BookingLetter, letter.pk, letter.number, before, after) for letter in own
    ]
    record_acts(act=CHANGE, subjects=subjects, by=by, at=at)
    joined = _hand_over_joint(school, into, by=by, at=at)
    told = {
        _("Booking letters that pass to %(into)s with venues and engagements: %(n)d."): len(own),
        _("Booking letters of others that %(into)s joins instead: %(n)d."): joined,
    }
    return [text % {"into": into.name, "n": n} for text, n in told.items() if n]


def _hand_over_joint(school: School, into: School, *, by: Actor, at: datetime) -> int:
    """Put the other school in the place of one that joins; return in how many letters it joins.

    No school joins its own letter, or one twice.
    """
    lasting = BookingLetter.objects.exclude(stage__in=FINISHED)
    shared = lasting.filter(joint_schools__school__in=[school, into])
    subjects, n = [], 0
    for letter in lasting.filter(pk__in=shared.values("pk")).select_for_update().order_by("pk"):
        named = {row.school_id: row.school for row in letter.joint_schools.select_related("school")}
        kept = {key: row for key, row in named.items() if key != school.pk}
        if letter.school_id == into.pk:
            kept.pop(into.pk, None)
        elif school.pk in named:
            kept[into.pk] = into
            n += 1
        if kept.keys() == named.keys():
            continue
        letter.joint_schools.exclude(school__in=kept).delete()
        JointSchool.objects.bulk_create(
            JointSchool(letter=letter, school=row) for key, row in kept.items() if key not in named
        )
        before, after = (
            {"joint_schools": sorted(row.name for row in rows.values())} for rows in (named, kept)
        )
        subjects.append(AuditSubject(BookingLetter, letter.pk, letter.number, before, after))
    record_acts(act=CHANGE, subjects=subjects, by=by, at=at)
    return n
