"""Slips for their page and their printed sheets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Count, Max, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.codes import format_code
from accounts.enums import Role
from accounts.models import ActivationCode, SlipBatch, User
from accounts.roles import holds_any
from accounts.slip_sheets import Slip
from config.lib.dates import format_day
from config.lib.encryption import decrypt
from config.lib.periods import in_force, local_date
from schools.models import RoleGrant
from trainees.models import Member, Membership


def list_staff_accounts(user: User, on: date) -> QuerySet[User]:
    """Staff accounts that `user` may issue slips for as security administrator, not their own.

    A staff account has no member, or has a granted role today or later.
    """
    if not holds_any(user, Role.SECURITY_ADMINISTRATOR):
        return User.objects.none()
    held = RoleGrant.objects.filter(Q(period__endswith__gt=on) | Q(period__upper_inf=True))
    return User.objects.filter(Q(member__isnull=True) | Q(pk__in=held.values("user"))).exclude(
        pk=user.pk
    )


def count_without_account(user: User, on: date, at: datetime) -> int:
    """How many members served by `user` have neither an account nor an open slip."""
    members = Member.objects.slips_by(user, on).with_account(user, on, at)
    return members.without_account(at).filter(is_staff_account=False).count()


@dataclass(frozen=True)
class IssuedBatch:
    """A batch in a list of links: when it was issued, to how many, and their organisation.

    `organisation` is empty if they belong to several, or to none.
    """

    batch: SlipBatch
    count: int
    organisation: str


def list_batches(user: User, at: datetime) -> list[IssuedBatch]:
    """The batches that `user` may print, newest first, with what distinguishes them.

    Two statements.
    """
    here = Membership.objects.filter(in_force(local_date(at)), member=OuterRef("user__member"))
    name = Subquery(here.values("organisation__name")[:1])
    batches = list(SlipBatch.objects.visible_to(user).printable_at(at))
    codes = ActivationCode.objects.filter(batch__in=batches).order_by()
    named = codes.annotate(organisation=Coalesce(name, Value(""))).values("batch")
    counts = {
        row["batch"]: row
        for row in named.annotate(
            n=Count("pk"), first=Min("organisation"), last=Max("organisation")
        )
    }
    return [
        IssuedBatch(batch, row["n"], row["first"] if row["first"] == row["last"] else "")
        for batch in batches
        if (row := counts.get(batch.pk))
    ]


def list_codes(user: User, batch: SlipBatch, on: date) -> QuerySet[ActivationCode]:
    """The codes of a batch for people whom `user` still serves, in the order of the sheets.

    Each with `organisation` today, and `is_staff`: whether it is for a staff account.
    """
    codes = ActivationCode.objects.filter(batch=batch)
    # The users are looked up first. In a single statement the planner cannot know how few rows a
    # batch has, and makes nested loops three levels deep.
    users = list(codes.values_list("user", flat=True))
    members = Member.objects.slips_by(user, on).marking_staff(user, on)
    members = members.filter(user__in=users, is_staff_account=False)
    staff = list_staff_accounts(user, on).filter(pk__in=users)
    staff_ids = list(staff.values_list("pk", flat=True))
    served = {*members.values_list("user", flat=True), *staff_ids}
    here = Membership.objects.filter(in_force(on), member=OuterRef("user__member"))
    return (
        codes.filter(user__in=served)
        .select_related("user__member")
        .annotate(
            organisation=Subquery(here.values("organisation__name")[:1]),
            is_staff=Case(When(user__in=staff_ids, then=True), default=False),
        )
        .order_by("organisation", "user__member__name_pinyin", "user__display_name", "pk")
    )


def _name_of(user: User) -> str:
    """The name in the register; for staff who are not members, the account's name."""
    member = getattr(user, "member", None)
    return member.name if member else user.display_name


def list_slips(user: User, batch: SlipBatch, at: datetime) -> list[Slip]:
    """The slips of a batch that may still be printed, with their codes in clear."""
    codes = list_codes(user, batch, local_date(at)).filter(ended_at__isnull=True)
    return [
        Slip(
            name=_name_of(code.user),
            organisation=code.organisation or "",  # type: ignore[attr-defined]
            is_staff=code.is_staff,  # type: ignore[attr-defined]
            number=code.user.username,
            has_phone=bool(code.user.phone),
            code=format_code(decrypt(code.code_encrypted)),
            valid_until=format_day(local_date(code.expires_at)),
        )
        for code in codes.exclude(code_encrypted="")
    ]
