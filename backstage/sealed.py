"""Everything that lies encrypted, and under which keys.

Columns are known by their name, which ends in `_encrypted`. Beside them stand the arguments of jobs
and the content of stored files.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from django.apps import apps
from django.db import models
from django.db.models import Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, StrIndex, Substr

from backstage.files import content_path
from backstage.models import Job, StoredFile
from config.lib.encryption import version_of

SUFFIX = "_encrypted"
# Longer than any version, so that a file need not be read to its end.
_HEAD_BYTES = 64


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
    searches = Job.objects.annotate(sealed=Cast(KT("arguments__encrypted"), models.TextField()))
    counts["backstage_job.arguments"] = _count(
        searches.exclude(sealed=None).exclude(sealed=""), "sealed"
    )
    counts["backstage_storedfile"] = Counter(_versions_of_files())
    return {what: count for what, count in counts.items() if count}


def _count(rows: models.QuerySet, name: str) -> Counter[str]:
    version = Substr(name, 1, StrIndex(name, Value(".")) - 1)
    counted = rows.order_by().values_list(version).annotate(models.Count("pk"))
    return Counter(dict(counted))


def _versions_of_files() -> Iterator[str]:
    for key in StoredFile.objects.values_list("key", flat=True).iterator():
        with suppress(FileNotFoundError), content_path(key).open("rb") as content:
            yield version_of(content.read(_HEAD_BYTES))
