"""The rows and accounts of one person."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import User
from trainees.enums import MergeState
from trainees.models import Member, MemberMerge


def rows_of(user: User) -> list[int]:
    """The rows of the person with this account, by the account or a merge.

    Also those of an account that a merge closed, and, for an account of no member, of a member
    with its name and phone.
    """
    merges = MemberMerge.objects.filter(state=MergeState.DONE, ended__account=user.pk)
    own = Q(user=user) | Q(pk__in=merges.values("given_up"))
    found = list(Member.objects.filter(own).values_list("pk", "merged_into"))
    if not found and user.phone:
        alike = Member.objects.filter(phone=user.phone, name=user.display_name)
        found = list(alike.values_list("pk", "merged_into"))
    kept = [into or key for key, into in found]
    rows = Member.objects.filter(Q(pk__in=kept) | Q(merged_into__in=kept)) if kept else ()
    return [row.pk for row in rows]


def accounts_of(user: User) -> list[int]:
    """The accounts of these rows, those that a merge closed included."""
    rows = rows_of(user)
    merges = MemberMerge.objects.filter(state=MergeState.DONE, given_up__in=rows)
    closed = merges.filter(ended__has_key="account").values_list("ended__account", flat=True)
    now = Member.objects.filter(pk__in=rows, user__isnull=False).values_list("user", flat=True)
    return [*now, *closed]
