"""The audit trail: written in the transaction of the act, each row with its digest."""

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

from accounts.models import AuditEntry
from accounts.origin import Actor
from config.lib.copying import copy_rows
from config.lib.encryption import keyed_hash
from config.lib.periods import first_day, period
from config.lib.resident_ids import holds_resident_id

type Facts = Mapping[str, Any]


class AuditError(ValueError):
    """An entry would have left the transaction of its act, or held an ID number."""


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
    """Append one entry about `obj`. Call it inside the act's own transaction.

    `before` and `after` hold JSON-able facts with personal fields masked already. The object is
    named in the language of the installation, whoever acts (`accounts.trail.object_name`).
    Raises AuditError outside a transaction, or if a resident ID number is found in the facts.
    """
    with translation.override(settings.LANGUAGE_CODE):
        told = AuditSubject(obj._meta.model, obj.pk, str(obj), before, after)
    entry = _make_entry(act, told, by, at or timezone.now(), school_code)
    entry.save()
    return entry


class AuditSubject(NamedTuple):
    """What an entry says of one object, which need not be at hand itself."""

    model: type[models.Model]
    pk: int
    label: str
    before: Facts | None = None
    after: Facts | None = None


def record_acts(
    *, act: str, subjects: Iterable[AuditSubject], by: Actor, at: datetime, school_code: str = ""
) -> int:
    """Append one entry for each object, by COPY; returns how many. As `record_act` otherwise.

    Labels that hold translated words are made while `subjects` is read, so it is a generator.
    """
    with translation.override(settings.LANGUAGE_CODE):
        return copy_rows(
            AuditEntry,
            _COPIED,
            (
                [_copied(getattr(entry, name)) for name in _COPIED]
                for entry in (_make_entry(act, one, by, at, school_code) for one in subjects)
            ),
        )


def ending_subjects(rows: Iterable[Any], on: date) -> Iterator[AuditSubject]:
    """What is told of rows with a period that are about to end before the day `on`.

    One that would begin then or later never comes to be.
    """
    for row in rows:
        begins = first_day(row.period)
        after = {"period": period(begins, on)} if begins < on else None
        yield AuditSubject(type(row), row.pk, str(row), {"period": row.period}, after)


def _make_entry(
    act: str, told: AuditSubject, by: Actor, at: datetime, school_code: str
) -> AuditEntry:
    if not connection.in_atomic_block:
        raise AuditError("An act and its audit entry share one transaction.")
    facts = [_plain(told.before), _plain(told.after)]
    if holds_resident_id(json.dumps([*facts, told.label, by.name], ensure_ascii=False)):
        raise AuditError("A resident ID number does not belong in the audit trail.")
    entry = AuditEntry(
        at=at.astimezone(UTC),
        actor=by.user,
        actor_name=by.name,
        channel=by.channel,
        address=by.address,
        act=act,
        object_type=told.model._meta.label_lower,
        object_id=str(told.pk),
        object_label=told.label[:200],
        school_code=school_code,
        before=facts[0],
        after=facts[1],
    )
    entry.digest = digest_of(entry)
    return entry


def digest_of(entry: AuditEntry) -> str:
    """The keyed hash (HMAC-SHA-256, hex) over everything that an entry says."""
    fields = [
        entry.at.astimezone(UTC).isoformat(),
        entry.actor_id,
        entry.actor_name,
        str(entry.channel),
        # One spelling, whatever the database makes of an IPv6 address.
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
    """The ids of entries whose content no longer fits their digest."""
    entries = AuditEntry.objects.order_by("id").iterator(chunk_size=chunk_size)
    return [
        entry.pk for entry in entries if not hmac.compare_digest(entry.digest, digest_of(entry))
    ]


def facts_of(obj: models.Model, fields: list[str] | None = None) -> dict[str, Any]:
    """The stored fields of `obj` as plain facts; encrypted and hashed fields are left out."""
    hidden = ("encrypted", "fingerprint", "password", "digest")
    return {
        field.attname: field.value_from_object(obj)
        for field in obj._meta.concrete_fields
        if not field.name.endswith(hidden) and (fields is None or field.name in fields)
    }


_COPIED = [field.attname for field in AuditEntry._meta.concrete_fields if not field.primary_key]


def _copied(value: Any) -> Any:
    """A value of an entry as COPY wants it: facts as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _plain(facts: Facts | None) -> Any:
    """Facts as they will come back from the JSON column, so that the digest can be recomputed."""
    if facts is None:
        return None
    return json.loads(json.dumps(facts, cls=_FactEncoder, ensure_ascii=False))


class _FactEncoder(DjangoJSONEncoder):
    """Dates and decimals as Django does; ranges, keys and files as text."""

    def default(self, o: Any) -> Any:
        try:
            return super().default(o)
        except TypeError:
            return str(o)
