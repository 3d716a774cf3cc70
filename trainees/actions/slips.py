"""Slips for members and staff: open missing accounts and issue activation codes."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actions import is_own_password
from accounts.activation import ActivationError, issue_codes
from accounts.audit import AuditSubject, record_act, record_acts
from accounts.interests import refuse_own_accounts, refuse_own_rows
from accounts.models import SlipBatch, User
from accounts.origin import Actor, person_of
from accounts.records import mask_phone
from accounts.validators import validate_login_name
from config.lib.periods import local_date
from schools.records import needs_second
from trainees.actions.slip_proposals import list_to_sign, propose_slip
from trainees.errors import SlipError
from trainees.models import Member
from trainees.queries.slips import list_staff_accounts

SLIPS_AT_ONCE = 500


def is_password_of(*, member_id: int, password: str, by: Actor, at: datetime) -> bool:
    """Whether the member, for whom the actor would issue a slip, typed their present password.

    Call it in a transaction of its own: wrong ones are counted, whatever becomes of the slip.
    Raises SlipError if the actor does not serve the member, and TooManyGuessesError.
    """
    served = Member.objects.slips_by(person_of(by), local_date(at)).filter(pk=member_id)
    member = served.select_related("user").first()
    if member is None or member.user is None:
        raise SlipError(_("You may no longer issue slips for this member. Choose them again."))
    return is_own_password(user=member.user, password=password, by=by, at=at)


def issue_member_slips(
    *,
    member_ids: Collection[int],
    key: UUID,
    by: Actor,
    at: datetime,
    agreed: Collection[int] = (),
) -> SlipBatch | None:
    """Issue slips for these members in one batch; a member without an account gets one.

    Those that need another signature (`list_to_sign`) are only proposed; None if that are all.
    Members who `agreed` by their password (`is_password_of`) need none.

    The account's sign-in name is the member number. Its phone is the member's, unless another
    account has it. It has no password until the slip's code is used. An earlier slip ends. Raises
    SlipError if the actor does not serve one of the members, or if an account is disabled.
    """
    wanted = set(member_ids)
    if not wanted or len(wanted) > SLIPS_AT_ONCE:
        raise SlipError(
            _("Choose from 1 to %(limit)s members at a time.") % {"limit": SLIPS_AT_ONCE}
        )
    on = local_date(at)
    refuse_own_rows(by, wanted, SlipError)
    with transaction.atomic():
        served = Member.objects.slips_by(by.user, on).marking_staff(by.user, on)  # type: ignore[arg-type]
        served = served.filter(pk__in=wanted, is_staff_account=False)
        members = list(served.select_for_update(of=("self",)).order_by("pk"))
        _refuse_unserved(wanted, {member.pk for member in members})
        _open_accounts([member for member in members if member.user_id is None], by, at)
        to_sign = list_to_sign(members, person_of(by), on)
        waiting = [member for member in to_sign if member.pk not in agreed]
        for member in to_sign:
            if member.pk in agreed and member.user is not None:
                record_act(act="agree_to_slip", obj=member.user, by=by, at=at)
        for member in waiting:
            propose_slip(user=member.user, by=by, at=at)  # type: ignore[arg-type]
        keys = [member.user_id for member in members if member not in waiting]
        users = list(User.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
        # A member who received a role before the account was locked is staff now.
        _refuse_unserved(wanted, set(served.values_list("pk", flat=True)))
        if not users:
            return None
        try:
            return issue_codes(users=users, key=key, by=by, at=at)
        except ActivationError as error:
            raise SlipError(str(error)) from error


def issue_staff_slip(*, user: User, key: UUID, by: Actor, at: datetime) -> SlipBatch | None:
    """Issue a slip for a staff account, not the actor's own. An earlier slip ends.

    Where another administrator has to confirm it, it is only proposed, and None is returned. Raises
    SlipError for a disabled account, and for one that is not (or no longer) staff.
    """
    refuse_own_accounts(by, [user.pk], SlipError)
    with transaction.atomic():
        # Granting or ending a role also locks the account, so the state read here does not change.
        locked = User.objects.select_for_update().get(pk=user.pk)
        served = list_staff_accounts(by.user, local_date(at))  # type: ignore[arg-type]
        if not served.filter(pk=locked.pk).exists():
            raise SlipError(
                _(
                    "You may not issue a slip for this account any more: it is no longer one of "
                    "staff, or your own role has ended."
                )
            )
        if needs_second(by):
            propose_slip(user=locked, by=by, at=at, is_staff=True)
            return None
        try:
            return issue_codes(users=[locked], key=key, by=by, at=at)
        except ActivationError as error:
            raise SlipError(str(error)) from error


def _refuse_unserved(wanted: set[int], served: set[int]) -> None:
    if wanted != served:
        raise SlipError(
            _("You may no longer issue slips for some of these members. Choose them again.")
        )


def _open_accounts(members: list[Member], by: Actor, at: datetime) -> None:
    """Open accounts without a password for `members`. Raises SlipError if a name is taken."""
    names = _login_names(members)
    taken = User.objects.filter(phone__in=[member.phone for member in members if member.phone])
    phones = set(taken.values_list("phone", flat=True))
    for member in members:
        phone = member.phone if member.phone and member.phone not in phones else None
        phones.add(member.phone)
        member.user = User(
            username=names[member.pk], display_name=member.name, phone=phone, joined_at=at
        )
        member.user.set_unusable_password()
    try:
        with transaction.atomic():
            User.objects.bulk_create([member.user for member in members if member.user])
    except IntegrityError as error:
        raise SlipError(
            _("A member number or phone was taken as a sign-in name meanwhile. Try again.")
        ) from error
    Member.objects.bulk_update(members, ["user"])
    subjects = (
        AuditSubject(
            User,
            member.user.pk,
            str(member.user),
            after={"username": member.number, "phone": mask_phone(member.phone)},
        )
        for member in members
        if member.user
    )
    record_acts(act="open_account", subjects=subjects, by=by, at=at)


def _login_names(members: list[Member]) -> dict[int, str]:
    """Sign-in names (the numbers) by member. Raises SlipError if one is invalid or taken."""
    names = {member.pk: member.number.lower() for member in members}
    users = User.objects.filter(username__in=names.values())
    taken = set(users.values_list("username", flat=True))
    for member in members:
        try:
            validate_login_name(names[member.pk])
        except ValidationError as error:
            raise SlipError(f"{member.name} ({member.number}): {error.messages[0]}") from error
        if names[member.pk] in taken:
            raise SlipError(
                _(
                    "Another account has the member number of %(name)s (%(number)s) as its sign-in "
                    "name."
                )
                % {"name": member.name, "number": member.number}
            )
    return names
