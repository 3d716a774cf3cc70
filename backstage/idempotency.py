"""The same form sent again is answered again, not carried out again."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from backstage.models import IdempotencyKey

KEEP_DAYS = 30

_CLAIM = """
INSERT INTO backstage_idempotencykey (key, user_id, act, body_hash, location, created_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT ON CONSTRAINT idempotency_key_once_per_user DO NOTHING
"""


class KeyReusedError(Exception):
    """A key came back with another body or for another act: answered with 409."""


def hash_body(body: QueryDict, file: bytes = b"") -> str:
    """The hash of a form's fields, in a fixed order and without the CSRF token, and of its file."""
    fields = sorted((k, values) for k, values in body.lists() if k != "csrfmiddlewaretoken")
    return hashlib.sha256(json.dumps(fields).encode() + file).hexdigest()


def answer_once(
    *,
    key: UUID,
    user: User,
    act: str,
    body_hash: str,
    location: str = "",
    do: Callable[[], object],
) -> str:
    """Carry out `do` for the first form under `key`; return the address to answer with.

    Without a `location` known ahead, what `do` returns is the address.

    One transaction holds the key and the act, so a failed act leaves no key. A second form under
    the same key waits for the first and gets its answer. Raises KeyReusedError if the key was
    used for another body or act; whatever `do` raises passes through.
    """
    with transaction.atomic():
        claim = (key, user.pk, act, body_hash, location, timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, claim)
            if cursor.rowcount:
                answer = do()
                if location:
                    return location
                mine = IdempotencyKey.objects.filter(user=user, key=key)
                mine.update(location=str(answer))
                return str(answer)
        kept = IdempotencyKey.objects.get(user=user, key=key)
    if (kept.act, kept.body_hash) != (act, body_hash):
        raise KeyReusedError(str(key))
    return kept.location


def sweep_keys(*, at: datetime) -> int:
    """Forget keys older than `KEEP_DAYS` days; a form that old is no double click any more."""
    deleted, _ = IdempotencyKey.objects.filter(
        created_at__lt=at - timedelta(days=KEEP_DAYS)
    ).delete()
    return deleted
