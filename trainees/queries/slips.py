"""Slips as their page and their sheets show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Count, Max, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.codes import format_code
from accounts.enums import Role
from accounts.models import ActivationCode, SlipBatch, User
from accounts.roles import holds_any
from config.lib.dates import format_day
from config.lib.encryption import decrypt
from config.lib.periods import in_force, local_date
from schools.models import RoleGrant
from trainees.models import Member, Membership


def list_staff_accounts(user: User, on: date) -> QuerySet[User]:
    """Accounts whose slips `user` issues as security administrator: those of staff, not the own.

    Staff is whoever is no member, or holds a granted role today or later.
    """
    if not holds_any(user, Role.SECURITY_ADMINISTRATOR):
        return User.objects.none()
    held = RoleGrant.objects.filter(Q(period__endswith__gt=on) | Q(period__upper_inf=True))
    return User.objects.filter(Q(member__isnull=True) | Q(pk__in=held.values("user"))).exclude(
        pk=user.pk
    )


def count_without_account(user: User, on: date, at: datetime) -> int:
    """How many members whose slips `user` issues have neither an account nor an open slip."""
    members = Member.objects.slips_by(user, on).with_account(user, on, at)
    return members.without_account(at).filter(is_staff_account=False).count()


@dataclass(frozen=True)
class IssuedBatch:
    """A batch as a link to it says it: when it was issued, to how many, and where they belong.

    `organisation` is empty where they are of several, or of none.
    """

    batch: SlipBatch
    count: int
    organisation: str


def list_batches(user: User, at: datetime) -> list[IssuedBatch]:
    """The batches that `user` may print, newest first, each with what tells it from another.

    Two statements.
    """
    here = Membership.objects.filter(in_force(local_date(at)), member=OuterRef("user__member"))
    name = Subquery(here.values("organisation__name")[:1])
    batches = list(SlipBatch.objects.visible_to(user).printable_at(at))
    codes = ActivationCode.objects.filter(batch__in=batches).order_by()
    named = codes.annotate(organisation=Coalesce(name, Value(""))).values("batch")
    told = {
        row["batch"]: row
        for row in named.annotate(n=Count("pk"), one=Min("organisation"), last=Max("organisation"))
    }
    return [
        IssuedBatch(batch, row["n"], row["one"] if row["one"] == row["last"] else "")
        for batch in batches
        if (row := told.get(batch.pk))
    ]


def list_codes(user: User, batch: SlipBatch, on: date) -> QuerySet[ActivationCode]:
    """The codes of a batch whose people `user` still serves, in the order of the sheets.

    Each with `organisation` today, and `is_staff`: whether it is served as an account of staff.
    """
    codes = ActivationCode.objects.filter(batch=batch)
    # Whose they are is looked up first: of one statement for all the planner, who cannot know how
    # few a batch has, makes a loop in a loop in a loop.
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
    """The name on the register; of staff who are no members, that of the account."""
    member = getattr(user, "member", None)
    return member.name if member else user.display_name


@dataclass(frozen=True)
class Slip:
    """One slip as it is printed: for a member by the member number, or for an account of staff."""

    name: str
    organisation: str
    is_staff: bool
    number: str
    has_phone: bool
    code: str
    valid_until: str


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
