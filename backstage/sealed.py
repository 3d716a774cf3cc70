"""Everything that lies encrypted, and under which keys.

Columns are known by their name, which ends in `_encrypted`. Beside them stand the arguments of jobs
and the content of stored files.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import batched
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, StrIndex, Substr

from accounts.audit import AuditSubject, record_acts
from accounts.origin import Actor
from backstage.files import content_path, reseal_files
from backstage.models import Job, StoredFile
from config.lib.encryption import decrypt, encrypt, newest_version, version_of

SUFFIX = "_encrypted"
# Longer than any version, so that a file need not be read to its end.
_HEAD_BYTES = 64
_UPDATE = """
UPDATE {table} t SET {column} = new.sealed
FROM unnest(%s::bigint[], %s::text[]) AS new(id, sealed) WHERE t.id = new.id
"""
_ROWS_AT_ONCE, _FILES_AT_ONCE = 2000, 100


def sealed_columns() -> Iterator[tuple[type[models.Model], str]]:
    """Models with the name of each of their encrypted columns."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.name.endswith(SUFFIX):
                yield model, field.name


def count_versions() -> dict[str, Counter[str]]:
    """How many texts of each column, arguments of jobs and files need each key version."""
    counts = {
        f"{model._meta.db_table}.{name}": _count(model._default_manager.exclude(**{name: ""}), name)
        for model, name in sealed_columns()
    }
    counts["backstage_job.arguments"] = _count(_sealed_jobs(), "sealed")
    counts["backstage_storedfile"] = Counter(version for _key, version in _versions_of_files())
    return {what: count for what, count in counts.items() if count}


def reseal(
    *, by: Actor, clock: Callable[[], datetime], report: Callable[[str, int], None]
) -> Counter[str]:
    """Encrypt everything with the newest key that is encrypted with another.

    Each batch is a transaction with its entry in the trail, so a run that breaks off has lost
    nothing, and the next goes on from there. `report` hears what was moved and how many; they are
    returned as well.
    """
    moved: Counter[str] = Counter()

    def batch(model: type[models.Model], what: str, work: Callable[[], int]) -> None:
        with transaction.atomic():
            count = work()
            if count:
                label = str(model._meta.verbose_name_plural)
                after = {"resealed": count, "key_version": newest_version()}
                told = AuditSubject(model, 0, label, after=after)
                record_acts(act="reseal", subjects=[told], by=by, at=clock())
        moved[what] += count
        report(what, moved[what])

    for model, name in sealed_columns():
        what = f"{model._meta.db_table}.{name}"
        sealed = model._default_manager.exclude(**{name: ""})
        for keys in _batches_of_others(sealed, name):
            batch(model, what, partial(_reseal_column, model, name, keys))
    for keys in _batches_of_others(_sealed_jobs(), "sealed"):
        batch(Job, "backstage_job.arguments", partial(_reseal_jobs, keys))
    files = [key for key, version in _versions_of_files() if version != newest_version()]
    for some in batched(files, _FILES_AT_ONCE):
        batch(StoredFile, "backstage_storedfile", partial(reseal_files, some))
    return moved


def _batches_of_others(rows: models.QuerySet, name: str) -> Iterator[Sequence[int]]:
    """Keys of rows that another key than the newest encrypted."""
    others = rows.exclude(**{f"{name}__startswith": f"{newest_version()}."}).order_by("pk")
    keys = list(others.values_list("pk", flat=True))
    return batched(keys, _ROWS_AT_ONCE)


def _reseal_column(model: type[models.Model], name: str, keys: Sequence[int]) -> int:
    """Encrypt one column of these rows anew; what changed meanwhile is already under the newest."""
    prefix = f"{newest_version()}."
    locked = model._default_manager.filter(pk__in=keys).order_by("pk")
    rows = locked.select_for_update(no_key=True).values_list("pk", name)
    new = [(pk, encrypt(decrypt(old))) for pk, old in rows if old and not old.startswith(prefix)]
    quote = connection.ops.quote_name
    statement = _UPDATE.format(table=quote(model._meta.db_table), column=quote(name))
    with connection.cursor() as cursor:
        cursor.execute(statement, [[pk for pk, _ in new], [sealed for _, sealed in new]])
    return len(new)


def _reseal_jobs(keys: Sequence[int]) -> int:
    jobs = list(Job.objects.filter(pk__in=keys).select_for_update(no_key=True).order_by("pk"))
    for job in jobs:
        job.arguments["encrypted"] = encrypt(decrypt(job.arguments["encrypted"]))
    return Job.objects.bulk_update(jobs, ["arguments"])


def _sealed_jobs() -> models.QuerySet[Any, Any]:
    """Jobs with encrypted arguments, which are annotated as `sealed`."""
    sealed = Cast(KT("arguments__encrypted"), models.TextField())
    return Job.objects.annotate(sealed=sealed).exclude(sealed=None).exclude(sealed="")


def _count(rows: models.QuerySet, name: str) -> Counter[str]:
    version = Substr(name, 1, StrIndex(name, Value(".")) - 1)
    counted = rows.order_by().values_list(version).annotate(models.Count("pk"))
    return Counter(dict(counted))


def _versions_of_files() -> Iterator[tuple[UUID, str]]:
    """The key of each stored file with the version of its encryption key."""
    for key in StoredFile.objects.order_by("pk").values_list("key", flat=True).iterator():
        with suppress(FileNotFoundError), content_path(key).open("rb") as content:
            yield key, version_of(content.read(_HEAD_BYTES))
