"""Write the audit trail: in the transaction of the action, with a digest in each row."""

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from ipaddress import ip_address
from typing import Any, NamedTuple

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.utils import timezone, translation

from accounts.chain.signing import sign_at_commit
from accounts.models import AuditEntry
from accounts.origin import Actor
from config.lib.copying import copy_rows
from config.lib.encryption import keyed_hash
from config.lib.periods import first_day, period
from config.lib.resident_ids import holds_plain_id

type Facts = Mapping[str, Any]


class AuditError(ValueError):
    """An entry was not written in its action's transaction, or contains an ID number."""


def record_act(
    *,
    act: str,
    obj: models.Model,
    by: Actor,
    before: Facts | None = None,
    after: Facts | None = None,
    school_code: str = "",
    at: datetime | None = None,
) -> AuditEntry:
    """Append one entry about `obj`. Call it inside the transaction of the action.

    `before` and `after` are JSON-serialisable facts with personal fields already masked. The object
    is named in the language of the installation, not of the user (`accounts.trail.object_name`).
    Raises AuditError outside a transaction, or if the facts contain a resident ID number.
    """
    with translation.override(settings.LANGUAGE_CODE):
        subject = AuditSubject(obj._meta.model, obj.pk, str(obj), before, after)
    entry = _make_entry(act, subject, by, at or timezone.now(), school_code)
    entry.save()
    return entry


class AuditSubject(NamedTuple):
    """The part of an entry about one object; the object need not be loaded."""

    model: type[models.Model]
    pk: int
    label: str
    before: Facts | None = None
    after: Facts | None = None


def record_acts(
    *, act: str, subjects: Iterable[AuditSubject], by: Actor, at: datetime, school_code: str = ""
) -> int:
    """Append an entry per object by COPY; return how many. Otherwise like `record_act`.

    `subjects` is a generator, because labels with translated words must be made while it is read.
    """
    with translation.override(settings.LANGUAGE_CODE):
        return copy_rows(
            AuditEntry,
            _COPIED,
            (
                [_copied(getattr(entry, name)) for name in _COPIED]
                for entry in (
                    _make_entry(act, subject, by, at, school_code) for subject in subjects
                )
            ),
        )


def ending_subjects(rows: Iterable[Any], on: date) -> Iterator[AuditSubject]:
    """Audit subjects for rows with a period that are about to end before the day `on`.

    A row that would begin on that day or later is deleted, so it has no `after`.
    """
    for row in rows:
        begins = first_day(row.period)
        after = {"period": period(begins, on)} if begins < on else None
        yield AuditSubject(type(row), row.pk, str(row), {"period": row.period}, after)


def _make_entry(
    act: str, subject: AuditSubject, by: Actor, at: datetime, school_code: str
) -> AuditEntry:
    if not connection.in_atomic_block:
        raise AuditError("An act and its audit entry share one transaction.")
    facts = [_plain(subject.before), _plain(subject.after)]
    if holds_plain_id(json.dumps([*facts, subject.label, by.name], ensure_ascii=False)):
        raise AuditError("A resident ID number does not belong in the audit trail.")
    entry = AuditEntry(
        at=at.astimezone(UTC),
        actor=by.user,
        actor_name=by.name,
        channel=by.channel,
        address=by.address,
        act=act,
        object_type=subject.model._meta.label_lower,
        object_id=str(subject.pk),
        object_label=subject.label[:200],
        school_code=school_code,
        before=facts[0],
        after=facts[1],
    )
    entry.digest = digest_of(entry)
    sign_at_commit()
    return entry


def digest_of(entry: AuditEntry) -> str:
    """The keyed hash (HMAC-SHA-256, hex) over all content of an entry."""
    fields = [
        entry.at.astimezone(UTC).isoformat(),
        entry.actor_id,
        entry.actor_name,
        str(entry.channel),
        # One spelling, however the database formats an IPv6 address.
        ip_address(entry.address).exploded if entry.address else None,
        entry.act,
        entry.object_type,
        entry.object_id,
        entry.object_label,
        entry.school_code,
        entry.before,
        entry.after,
    ]
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True)
    return keyed_hash(text, purpose="audit")


def find_broken_digests(*, chunk_size: int = 2000) -> list[int]:
    """The ids of entries that no longer match their digest."""
    entries = AuditEntry.objects.order_by("id").iterator(chunk_size=chunk_size)
    return [
        entry.pk for entry in entries if not hmac.compare_digest(entry.digest, digest_of(entry))
    ]


def facts_of(obj: models.Model, fields: list[str] | None = None) -> dict[str, Any]:
    """The stored fields of `obj` as plain facts, without encrypted and hashed fields."""
    hidden = ("encrypted", "fingerprint", "password")
    return {
        field.attname: field.value_from_object(obj)
        for field in obj._meta.concrete_fields
        if not field.name.endswith(hidden)
        and (field.name != "digest" or field.editable)
        and (fields is None or field.name in fields)
    }


_COPIED = [field.attname for field in AuditEntry._meta.concrete_fields if not field.primary_key]


def _copied(value: Any) -> Any:
    """A value of an entry in the form for COPY: facts as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _plain(facts: Facts | None) -> Any:
    """Facts as the JSON column will return them, so that the digest can be recomputed."""
    if facts is None:
        return None
    return json.loads(json.dumps(facts, cls=_FactEncoder, ensure_ascii=False))


class _FactEncoder(DjangoJSONEncoder):
    """Dates and decimals as in Django; ranges, keys and files as text."""

    def default(self, o: Any) -> Any:
        try:
            return super().default(o)
        except TypeError:
            return str(o)
