"""Slips and their activation codes: issuing, trying, using and sweeping."""

import hmac
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.actions import record_notice_reading
from accounts.audit import AuditSubject, record_act, record_acts
from accounts.backends import may_enter
from accounts.codes import WRONG_TRIES_ALLOWED, draw_code, fingerprint_code
from accounts.enums import CodeEnd, CodeKind
from accounts.guessing import lock_count
from accounts.models import (
    ActivationCode,
    PrivacyNotice,
    SlipBatch,
    User,
    WrongCode,
)
from accounts.origin import Actor
from accounts.querysets import PRINTABLE_HOURS
from config.lib.encryption import encrypt
from config.lib.lock_classes import LockClass

# After this many wrong codes from one address within these minutes, the address must wait.
WRONG_CODES_PER_ADDRESS = 30
WAIT_MINUTES = 15


class ActivationError(Exception):
    """The action was refused. The message may be shown to the user."""


def _lock_enabled(keys: list[int]) -> list[User]:
    """Lock these accounts in order. Raises ActivationError if one is disabled."""
    locked = list(User.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    disabled = [user.display_name for user in locked if not user.is_active]
    if disabled:
        raise ActivationError(
            _("These accounts are disabled, so they get no slip: %(names)s.")
            % {"names": _(", ").join(disabled[:10])}
        )
    return locked


def issue_codes(
    *,
    users: Collection[User],
    key: UUID,
    by: Actor,
    at: datetime,
    issued_by: User | None = None,
) -> SlipBatch:
    """Create a batch with a new code for each account; an earlier open code ends.

    `issued_by` prints the slips; by default the actor. The holder of an active account is told on
    every page until they confirm to have seen it. Raises ActivationError for a disabled account.
    """
    issuer = issued_by or by.user
    if issuer is None:
        raise ActivationError(_("Slips are issued by a person."))
    with transaction.atomic():
        keys = sorted(user.pk for user in users)
        locked = _lock_enabled(keys)
        _end(ActivationCode.objects.filter(user__in=keys), CodeEnd.REPLACED, at)
        batch = SlipBatch.objects.create(issued_at=at, issued_by=issuer, key=key)
        expires_at = at + timedelta(days=settings.ACTIVATION_DAYS)
        codes = {user.pk: draw_code() for user in locked}
        ActivationCode.objects.bulk_create(
            ActivationCode(
                user=user,
                batch=batch,
                code_fingerprint=fingerprint_code(user.pk, codes[user.pk]),
                code_encrypted=encrypt(codes[user.pk]),
                expires_at=expires_at,
            )
            for user in locked
        )
        active = [user.pk for user in locked if user.has_usable_password()]
        User.objects.filter(pk__in=active).update(has_unseen_slip=True)
        record_act(act="issue_slips", obj=batch, by=by, at=at, after={"count": len(locked)})
        facts = {"batch": batch.pk, "expires_at": expires_at}
        subjects = (AuditSubject(User, user.pk, str(user), after=facts) for user in locked)
        record_acts(act="issue_slip", subjects=subjects, by=by, at=at)
    return batch


def _refuse_address(address: str | None, at: datetime) -> None:
    """Raises ActivationError after too many wrong codes from `address`."""
    lock_count(LockClass.GUESSES_OF_NETWORK, str(address))
    since = at - timedelta(minutes=WAIT_MINUTES)
    wrong = WrongCode.objects.filter(kind=CodeKind.SLIP, address=address, at__gt=since).count()
    if address is not None and wrong >= WRONG_CODES_PER_ADDRESS:
        raise ActivationError(
            _("Too many wrong codes came from here. Wait %(minutes)s minutes, then try again.")
            % {"minutes": WAIT_MINUTES}
        )


def try_code(*, name: str, code: str, address: str | None, at: datetime) -> ActivationCode | None:
    """The open code that matches the name and the typed code, or None.

    After five wrong tries the code ends. The same statements run for an unknown name and for a
    wrong code, so that neither message nor timing reveals who has an account. Raises
    ActivationError after too many wrong codes from one address.
    """
    with transaction.atomic():
        _refuse_address(address, at)
        user = User.objects.find_by_login(name)
        user_id = user.pk if user else 0
        codes = ActivationCode.objects.select_for_update(of=("self",)).select_related("user")
        stored = codes.open_at(at).filter(user_id=user_id).first()
        fits = hmac.compare_digest(
            fingerprint_code(user_id, code), stored.code_fingerprint if stored else ""
        )
        if stored and fits and may_enter(stored.user):
            return stored
        WrongCode.objects.create(kind=CodeKind.SLIP, address=address, at=at)
        tries = stored.wrong_tries + 1 if stored else 0
        open_code = ActivationCode.objects.filter(pk=stored.pk if stored else 0)
        if tries == WRONG_TRIES_ALLOWED:
            _end(open_code, CodeEnd.WRONG_TRIES, at, wrong_tries=tries)
        else:
            open_code.update(wrong_tries=tries)
        return None


def activate_account(
    *, code_id: int, new_password: str, notice: PrivacyNotice, by: Actor, at: datetime
) -> User:
    """Use up a code: its owner has read `notice` and chosen a password. Open sessions end.

    Raises ActivationError if the code was used, replaced or has expired meanwhile.
    """
    with transaction.atomic():
        # Lock the account first, then its code: the same order as when a slip is issued.
        codes = ActivationCode.objects.filter(pk=code_id)
        user = User.objects.select_for_update().filter(pk__in=codes.values("user")).first()
        code = codes.select_for_update().open_at(at).first()
        if user is None or code is None or not may_enter(user):
            raise ActivationError(
                _("This code no longer opens the account. Ask for a new slip if you need one.")
            )
        _end(codes, CodeEnd.USED, at)
        user.set_password(new_password)
        user.session_epoch += 1
        user.save(update_fields=["password", "session_epoch"])
        record_act(act="activate_account", obj=user, by=by, at=at)
        record_notice_reading(user=user, notice=notice, by=by, at=at)
    return user


def end_codes(*user_ids: int) -> None:
    """End the open codes of these accounts; part of any action that gives them a role.

    The code was printed when the account had fewer rights.
    """
    with transaction.atomic():
        # Accounts first, as everywhere: waits for slips that are being issued.
        list(User.objects.select_for_update().filter(pk__in=user_ids).order_by("pk"))
        _end(ActivationCode.objects.filter(user__in=user_ids), CodeEnd.NEW_ROLE, Now())


def sweep_codes(*, at: datetime) -> int:
    """End expired codes, erase encrypted codes too old to print, and delete wrong tries.

    Returns how many codes ended.
    """
    with transaction.atomic():
        expired = ActivationCode.objects.filter(expires_at__lte=at)
        ended = _end(expired, CodeEnd.EXPIRED, at)
        young = at - timedelta(hours=PRINTABLE_HOURS)
        old = ActivationCode.objects.filter(batch__issued_at__lte=young)
        old.exclude(code_encrypted="").update(code_encrypted="")
        WrongCode.objects.filter(at__lte=at - timedelta(minutes=WAIT_MINUTES)).delete()
    return ended


def _end(codes: QuerySet[ActivationCode], why: CodeEnd, at: datetime | Now, **also: int) -> int:
    """End the open codes among `codes` and erase the encrypted text for printing."""
    still_open = codes.filter(ended_at__isnull=True)
    return still_open.update(ended_at=at, ended_by=why, code_encrypted="", **also)
