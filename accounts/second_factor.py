"""The second factor of staff: codes of an app (TOTP, django-otp) and printed recovery codes.

The codes are six digits, one for each 30 seconds (RFC 6238, SHA-1). The one before and the one
after are accepted too, none of them twice.
"""

import unicodedata
from base64 import b32encode
from datetime import datetime
from urllib.parse import quote, urlencode

from django.core.exceptions import ValidationError
from django.db import transaction
from django_otp.oath import TOTP
from django_otp.util import random_hex

from accounts.actions import end_sessions
from accounts.audit import record_act
from accounts.codes import clean_code, draw_code, format_code
from accounts.enums import ADMINISTRATOR_ROLES, FactorEnd, GuessKind
from accounts.guessing import Counted, Target, check_guess
from accounts.models import RecoveryCode, SecondFactor, User
from accounts.origin import Actor
from accounts.roles import holds_any
from config.lib.encryption import decrypt, encrypt, keyed_hash
from config.lib.errors import PortalError

RECOVERY_CODES = 10
SECRET_BYTES = 20  # as RFC 4226 asks
_DIGITS = 6


class SecondFactorError(PortalError):
    """The second factor could not be changed."""


def find_factor(user: User) -> SecondFactor | None:
    """The factor in use, or None."""
    return SecondFactor.objects.filter(user=user, ended_at__isnull=True).first()


def find_reset(user: User) -> SecondFactor | None:
    """The last factor, if an administrator reset it and no other followed."""
    last = SecondFactor.objects.filter(user=user).first()
    return last if last is not None and last.end == FactorEnd.RESET else None


def draw_secret() -> str:
    """A new secret, in hexadecimal digits."""
    return str(random_hex(SECRET_BYTES))


def spell_secret(secret: str) -> str:
    """The secret as people type it into an app: base 32, in groups of four."""
    text = b32encode(bytes.fromhex(secret)).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def address_of_secret(secret: str, user: User, site: str) -> str:
    """What the QR code holds: an address that apps understand (otpauth)."""
    label = quote(f"{site}:{user.username}")
    query = urlencode({"secret": spell_secret(secret).replace(" ", ""), "issuer": site})
    return f"otpauth://totp/{label}?{query}"


def find_step(secret: str, typed: str, at: datetime, after: int = 0) -> int | None:
    """The time step of a code of the app if it is later than the step `after`, else None."""
    digits = "".join(unicodedata.normalize("NFKC", typed).split())
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    codes = TOTP(bytes.fromhex(secret), digits=_DIGITS)
    codes.time = at.timestamp()
    return codes.t() if codes.verify(int(digits), tolerance=1, min_t=after + 1) else None


# Acts


@transaction.atomic
def enrol(*, user: User, secret: str, step: int, by: Actor, at: datetime) -> list[str]:
    """Take an app into use whose code of the time step `step` was just typed.

    An earlier one ends, and so do all sessions. Returns the recovery codes, which nobody can read
    later.
    """
    stored = User.objects.select_for_update().get(pk=user.pk)
    _end(stored, FactorEnd.REPLACED, by.name, at)
    factor = SecondFactor.objects.create(
        user=stored, secret_encrypted=encrypt(secret), enrolled_at=at, last_step=step
    )
    end_sessions(stored.pk)
    record_act(act="enrol_second_factor", obj=stored, by=by, at=at)
    return _draw_codes(factor)


@transaction.atomic
def renew_codes(*, user: User, by: Actor, at: datetime) -> list[str]:
    """New recovery codes; those before no longer work. Raises SecondFactorError without an app."""
    factor = _lock_factor(user)
    if factor is None:
        raise SecondFactorError
    factor.recovery_codes.all().delete()
    record_act(act="renew_recovery_codes", obj=user, by=by, at=at)
    return _draw_codes(factor)


def try_code(*, user: User, typed: str, by: Actor, at: datetime) -> bool:
    """Whether this is a code of the app or a recovery code; wrong ones are counted.

    Raises TooManyGuessesError without looking at it.
    """

    def record_failure(counted: Counted) -> None:
        after = {"locks_name": True} if counted.locks_name else None
        with transaction.atomic():
            record_act(act="fail_second_factor", obj=user, by=by, at=at, after=after)

    found = check_guess(
        Target(GuessKind.SECOND_FACTOR, str(user.pk)),
        check=lambda: _use_code(user, typed, by, at) or None,
        record_failure=record_failure,
        at=at,
    )
    return found is not None


@transaction.atomic
def reset(*, user: User, by: Actor, at: datetime) -> None:
    """End the factor of a person who lost it; they enrol anew at the next sign-in.

    Raises SecondFactorError for one's own, and if there is none.
    """
    if by.user is None or by.user.pk == user.pk:
        raise SecondFactorError
    _reset(user, by.name, at)
    record_act(act="reset_second_factor", obj=user, by=by, at=at)


@transaction.atomic
def reset_by_two(*, user: User, witnesses: list[User], by: Actor, at: datetime) -> None:
    """End the factor of an administrator whom nobody else can help; two others have proved who
    they are.

    Raises SecondFactorError unless they are two, other than `user`, and administrators.
    """
    names = [witness.display_name for witness in witnesses]
    are_two = len({witness.pk for witness in witnesses} - {user.pk}) == len(witnesses) == 2
    if not are_two or not all(holds_any(one, *ADMINISTRATOR_ROLES) for one in witnesses):
        raise SecondFactorError
    _reset(user, " · ".join(names), at)
    after = {"witnesses": names}
    record_act(act="reset_second_factor", obj=user, by=by, at=at, after=after)


def _reset(user: User, names: str, at: datetime) -> None:
    stored = User.objects.select_for_update().get(pk=user.pk)
    if not _end(stored, FactorEnd.RESET, names, at):
        raise SecondFactorError
    end_sessions(stored.pk)


def _end(user: User, why: FactorEnd, names: str, at: datetime) -> int:
    """End the factor of an account that is locked; return how many there were."""
    in_use = SecondFactor.objects.filter(user=user, ended_at__isnull=True)
    RecoveryCode.objects.filter(factor__in=in_use).delete()
    return in_use.update(ended_at=at, end=why, ended_by=names, secret_encrypted="")


def _lock_factor(user: User) -> SecondFactor | None:
    rows = SecondFactor.objects.select_for_update()
    return rows.filter(user=user, ended_at__isnull=True).first()


@transaction.atomic
def _use_code(user: User, typed: str, by: Actor, at: datetime) -> bool:
    factor = _lock_factor(user)
    if factor is None:
        return False
    step = find_step(decrypt(factor.secret_encrypted), typed, at, after=factor.last_step)
    if step is not None:
        factor.last_step = step
        factor.save(update_fields=["last_step"])
        record_act(act="give_second_factor", obj=user, by=by, at=at)
        return True
    try:
        code = clean_code(typed)
    except ValidationError:
        return False
    unused = factor.recovery_codes.filter(used_at__isnull=True)
    if not unused.filter(code_fingerprint=_fingerprint(factor, code)).update(used_at=at):
        return False
    record_act(
        act="use_recovery_code", obj=user, by=by, at=at, after={"codes_left": unused.count()}
    )
    return True


def _draw_codes(factor: SecondFactor) -> list[str]:
    codes = [draw_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(factor=factor, code_fingerprint=_fingerprint(factor, code)) for code in codes
    )
    return [format_code(code) for code in codes]


def _fingerprint(factor: SecondFactor, code: str) -> str:
    return keyed_hash(f"{factor.pk}:{code}", purpose="recovery code")
