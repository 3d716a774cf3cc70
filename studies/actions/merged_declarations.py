"""Hands open declarations to the remaining account when two rows of a member are merged."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from accounts.models import User
from studies.enums import DECLARED_KINDS, StudyState
from studies.models import Study
from trainees.actions.member_merges import Moved
from trainees.models import Member


def hand_declarations_over(*, owner: Member, old: User, new: User) -> Moved:
    """Make `new` the recorder of the open declarations of `owner` that `old` recorded."""
    return _hand_over(Study.objects.all(), owner, old, new)


def hand_declarations_back(
    *, keys: Collection[int], owner: Member, old: User | None, new: User
) -> Moved:
    """The same for the declarations with these keys, if they still belong to `owner`'s row."""
    return _hand_over(Study.objects.filter(pk__in=keys), owner, old, new)


def _hand_over(declarations: QuerySet[Study], owner: Member, old: User | None, new: User) -> Moved:
    open_ones = declarations.filter(
        kind__in=DECLARED_KINDS,
        state__in=[StudyState.DRAFT, StudyState.SUBMITTED, StudyState.CHECKED],
        recorded_by=old,
        participants__member=owner,
    )
    keys = list(open_ones.values_list("pk", flat=True))
    Study.objects.filter(pk__in=keys).update(recorded_by=new)
    return Moved({"declarations": keys} if keys else {}, [])
