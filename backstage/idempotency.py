"""A repeated form gets the first answer again and is not executed twice."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import User
from accounts.requests import PersonRequest
from backstage.models import IdempotencyKey
from config.lib.encryption import keyed_hash

KEEP_DAYS = 30
# What a repeated form may send otherwise, and a password, of which no hash is kept here.
UNHASHED = frozenset({"csrfmiddlewaretoken", "own_password"})

_CLAIM = """
INSERT INTO backstage_idempotencykey (key, user_id, act, body_hash, location, created_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT ON CONSTRAINT idempotency_key_once_per_user DO NOTHING
"""


class KeyReusedError(Exception):
    """A key was used again with another body or for another action; answered with 409."""


def hash_body(body: QueryDict, file: bytes = b"") -> str:
    """The hash of a form's fields (sorted, but those of `UNHASHED`) and its file."""
    fields = sorted((k, values) for k, values in body.lists() if k not in UNHASHED)
    digest = hashlib.sha256(json.dumps(fields).encode() + file).hexdigest()
    # Keyed, so that nobody who reads the table can try out an ID number that was sent.
    return keyed_hash(digest, purpose="form")


def run_once(
    *,
    key: UUID,
    user: User,
    act: str,
    body_hash: str,
    location: str = "",
    do: Callable[[], object],
) -> str:
    """Execute `do` for the first form under `key`; return the address to redirect to.

    If no `location` is given, the result of `do` is the address.

    The key and the action are in one transaction, so a failed action leaves no key. A second form
    under the same key waits for the first and gets its answer. Raises KeyReusedError if the key was
    used for another body or action; exceptions of `do` propagate.
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


def replay_if_deleted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer a repeated form as before, not with 404, if the first one deleted its object."""

    @wraps(view)
    def wrapped(request: PersonRequest, *args: Any, **values: Any) -> HttpResponse:
        try:
            return view(request, *args, **values)
        except Http404:
            if not (location := _find_location(request.user, request.POST)):
                raise
        return redirect(location)

    return wrapped


def _find_location(user: User, body: QueryDict) -> str:
    """The address that a form was answered with; "" if it was not executed yet."""
    try:
        key = UUID(body.get("idempotency_key", ""))
    except ValueError:
        return ""
    kept = IdempotencyKey.objects.filter(user=user, key=key)
    return kept.values_list("location", flat=True).first() or ""


def sweep_keys(*, at: datetime) -> int:
    """Delete keys older than `KEEP_DAYS` days; so old a form is no double click."""
    deleted, _ = IdempotencyKey.objects.filter(
        created_at__lt=at - timedelta(days=KEEP_DAYS)
    ).delete()
    return deleted
