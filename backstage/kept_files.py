"""Files that a row keeps, such as evidence: that they are there, and as their act left them."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.chain.checking import list_row_findings
from accounts.chain.tables import list_models
from backstage.models import StoredFile
from config.lib.rows import select_column

KEPT_FILES = "every file that a row keeps is there, and kept for good"
_LOST = """
SELECT keeper.{column} FROM {table} keeper
LEFT JOIN backstage_storedfile stored ON stored.id = keeper.{column}
WHERE keeper.{column} IS NOT NULL AND (stored.id IS NULL OR stored.expires_at IS NOT NULL)
"""
_WERE_KEPT = """
SELECT DISTINCT key FROM accounts_writtenrows CROSS JOIN unnest(keys) AS key
WHERE in_table = 'backstage_storedfile' AND key = ANY(%s)
"""


def list_lost_files() -> list[int]:
    """The ids of files that a covered row names and that are gone, or would be swept."""
    keepers = [
        _LOST.format(table=model._meta.db_table, column=key.column)
        for model in list_models()
        for key in model._meta.concrete_fields
        if key.related_model is StoredFile
    ]
    return select_column(" UNION ".join(keepers))


def list_unexplained_files() -> list[str]:
    """Rows of kept files that are gone, changed, or there without an act; at most ten."""
    return [
        example
        for finding in list_row_findings(StoredFile._meta.db_table)
        for example in finding.examples
    ]


def list_once_kept(files: Iterable[int]) -> set[int]:
    """Those of `files` that were kept for good once: no day of expiry makes them go."""
    return set(select_column(_WERE_KEPT, [list(files)]))
