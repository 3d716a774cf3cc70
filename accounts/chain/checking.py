"""Compare the rows with the acts that explain them, and the acts with their seals.

People who own the database but not the digest key can write any row. They cannot make the act that
explains it, nor take an act away that is sealed, nor seal anew what was sealed.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from accounts.chain.sealing import (
    ACTS_AT_ONCE,
    SEALED_WITHIN,
    Head,
    head_of,
    list_heads,
    merkle_root,
)
from accounts.chain.signing import DIGEST, signature_of
from accounts.chain.tables import Table, list_tables
from accounts.chain.triggers import SIDES, digest_sql, use_fixed_settings
from accounts.models import Seal
from config.lib.rows import select_column, select_map, select_rows, select_value, stream_rows

EXAMPLES = 10
CHANGED = "every row is as its last act left it"
MISSING = "every row that an act wrote is there"
UNEXPLAINED = "no row is there without an act"
SHAPE = "the triggers of the chain are there and cover every column"
SIGNATURES = "acts fit their signatures"
SEALS = "acts are sealed in order"
TAIL = "heads outside the database are those in it"
UNSEALED = "every act is sealed within five minutes"
CHECKS = (CHANGED, MISSING, UNEXPLAINED, SHAPE, SIGNATURES, SEALS, TAIL, UNSEALED)


@dataclass(frozen=True)
class ChainFinding:
    """A check of the chain that failed, and some of the places, such as a table and an id."""

    check: str
    count: int
    examples: list[str]


# What the last transaction of this session wrote cannot be signed before it ends.
_ACTS = f"""
SELECT w.act AS number, s.kind, s.signed_at, s.statements, s.signature, count(*) AS written,
       {DIGEST} AS digest
FROM accounts_writtenrows w LEFT JOIN accounts_signedact s ON s.number = w.act
WHERE w.act IS DISTINCT FROM nullif(current_setting('xuetang.act', true), '')::bigint
  AND (%(table)s::text IS NULL
       OR w.act IN (SELECT act FROM accounts_writtenrows WHERE in_table = %(table)s))
GROUP BY w.act, s.number
"""  # noqa: S608 - fixed text, no input
_EMPTY_ACTS = """
SELECT number FROM accounts_signedact s
WHERE NOT EXISTS (SELECT FROM accounts_writtenrows WHERE act = s.number)
"""
# What a table should hold: written since it was last taken stock of, by acts that hold.
_WRITTEN = """
written AS (
    SELECT w.id AS place, w.change, key, digest FROM accounts_writtenrows w
    CROSS JOIN unnest(w.keys, w.digests) AS pair (key, digest)
    WHERE w.in_table = %(table)s AND w.act <> ALL(%(broken)s) AND w.id >= (
        SELECT coalesce(min(first.id), 0) FROM accounts_writtenrows first
        WHERE first.in_table = %(table)s AND first.act = (
            SELECT act FROM accounts_writtenrows
            WHERE in_table = %(table)s AND change = 'S' AND act <> ALL(%(broken)s)
            ORDER BY id DESC LIMIT 1)))
"""
_ROWS = """
WITH {written},
expected AS (
    SELECT DISTINCT ON (key) key, digest, change FROM written ORDER BY key, place DESC
),
present AS (SELECT id, {digest} AS digest FROM {rows})
SELECT CASE WHEN expected.key IS NULL OR expected.change = 'D' THEN %(unexplained)s
            WHEN present.id IS NULL THEN %(missing)s ELSE %(changed)s END AS problem,
       count(*) AS number,
       (array_agg(coalesce(key, id) ORDER BY coalesce(key, id)))[:%(examples)s] AS keys
FROM expected FULL JOIN present ON present.id = expected.key
WHERE CASE WHEN present.id IS NULL THEN expected.change <> 'D'
           ELSE expected.key IS NULL OR expected.change = 'D'
             OR expected.digest <> present.digest END
GROUP BY 1
"""
# A former version has no key of its own, and a row may have two that look alike.
_VERSIONS = """
WITH {written},
expected AS (SELECT key, digest, count(*) AS times FROM written GROUP BY key, digest),
present AS (
    SELECT id, digest, count(*) AS times
    FROM (SELECT id, {digest} AS digest FROM {rows}) AS rows GROUP BY id, digest
)
SELECT CASE WHEN coalesce(present.times, 0) > coalesce(expected.times, 0) THEN %(unexplained)s
            ELSE %(missing)s END AS problem,
       count(*) AS number,
       (array_agg(coalesce(key, id) ORDER BY coalesce(key, id)))[:%(examples)s] AS keys
FROM expected FULL JOIN present ON present.id = expected.key AND present.digest = expected.digest
WHERE coalesce(present.times, 0) <> coalesce(expected.times, 0)
GROUP BY 1
"""
_TRIGGERS = """
SELECT count(*) FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE tgrelid = %s::regclass AND strpos(tgname, '_write_down_') > 0 AND tgenabled = 'O'
  AND strpos(prosrc, %s) > 0
"""
_SIGNED = "SELECT number, signature FROM accounts_signedact WHERE number = ANY(%s)"
_LATE = """
SELECT number FROM accounts_signedact WHERE signed_at < %s
EXCEPT SELECT unnest(acts) FROM accounts_seal ORDER BY 1
"""


class _Act(NamedTuple):
    """A signed act beside the statements that were written down for it, with their digest."""

    number: int
    kind: str | None
    signed_at: datetime
    statements: int
    signature: str
    written: int
    digest: str

    @property
    def is_signed(self) -> bool:
        """Whether it has a signature, and one that is its own."""
        if self.kind is None or self.written != self.statements:
            return False
        facts = self.number, self.kind, self.signed_at, self.statements, self.digest
        return hmac.compare_digest(self.signature, signature_of(*facts))


class _Wrong(NamedTuple):
    """How many rows of a table fail a check, and the keys of some."""

    problem: str
    number: int
    keys: list[int]


def list_chain_findings(*, at: datetime) -> list[ChainFinding]:
    """Check rows, signatures and seals at one moment; an empty list means that all hold.

    Heads are read before that moment: they leave the database after the commit of their seal, and
    those of later seals would be missed in it.
    """
    heads = list(list_heads())
    with _one_moment():
        use_fixed_settings()
        broken = _list_broken()
        places: dict[str, list[tuple[int, list[str]]]] = {name: [] for name in CHECKS}
        if broken:
            places[SIGNATURES].append((len(broken), [f"act {n}" for n in broken[:EXAMPLES]]))
        for table in list_tables():
            for check, count, keys in _look_at(table, broken):
                places[check].append((count, keys))
        for check, examples in (
            (SEALS, list(_seal_problems())),
            (TAIL, list(_tail_problems(heads, at))),
            (UNSEALED, [f"act {number}" for number in _list_late(at)]),
        ):
            if examples:
                places[check].append((len(examples), examples))
    return [
        ChainFinding(
            check, sum(count for count, _ in parts), [e for _, some in parts for e in some]
        )
        for check, parts in places.items()
        if parts
    ]


def list_row_findings(name: str) -> list[ChainFinding]:
    """Check the rows of the covered table `name` against the signed acts on it, and nothing else.

    The sweep of stored files asks before it deletes anything (`backstage.kept_files`). Acts that
    are badly signed count for nothing here; `list_chain_findings` is where they are reported.
    """
    (table,) = (table for table in list_tables() if table.name == name)
    with _one_moment():
        use_fixed_settings()
        looked = list(_look_at(table, _list_broken(name)))
    return [ChainFinding(check, count, keys) for check, count, keys in looked]


@contextmanager
def _one_moment() -> Iterator[None]:
    """A transaction that sees one state of the database, unless there is one already."""
    outer = connection.in_atomic_block
    with transaction.atomic():
        if not outer:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _list_broken(table: str | None = None) -> list[int]:
    """Acts, or those on one table, without a signature or with one that is not theirs."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTS, {"table": table})
        acts = stream_rows(cursor, _Act, ACTS_AT_ONCE)
        broken = [act.number for act in acts if not act.is_signed]
    if table is None:
        broken += select_column(_EMPTY_ACTS)
    return sorted(broken)


def _look_at(table: Table, broken: list[int]) -> Iterator[tuple[str, int, list[str]]]:
    columns = table.columns()
    statement = _VERSIONS if table.holds_versions else _ROWS
    values: dict[str, Any] = {
        "table": table.name,
        "broken": broken,
        "examples": EXAMPLES,
        "unexplained": UNEXPLAINED,
        "missing": MISSING,
        "changed": CHANGED,
    }
    if select_value(_TRIGGERS, [table.name, f"'{table.extent()}'"]) != len(SIDES):
        yield SHAPE, 1, [table.name]
    compared = statement.format(written=_WRITTEN, digest=digest_sql(columns), rows=table.source())
    for wrong in select_rows(_Wrong, compared, values):
        yield wrong.problem, wrong.number, [f"{table.name} {key}" for key in wrong.keys]


def _seal_problems() -> Iterator[str]:
    previous, number = "", 0
    for seal in Seal.objects.order_by("number").iterator(chunk_size=100):
        number += 1
        if seal.number != number or seal.previous != previous:
            yield f"before seal {seal.number}"
            number = seal.number
        if not hmac.compare_digest(seal.head, head_of(seal)):
            yield f"seal {seal.number}"
        signatures = select_map(_SIGNED, [seal.acts])
        gone = [act for act in seal.acts if act not in signatures]
        yield from (f"act {act} of seal {seal.number}" for act in gone)
        if not gone and merkle_root([signatures[act] for act in seal.acts]) != seal.root:
            yield f"acts of seal {seal.number}"
        previous = seal.head


def _tail_problems(outside: Sequence[Head | None], at: datetime) -> Iterator[str]:
    """Heads that are not those of the database, and a file that is gone or was cut."""
    inside = dict(Seal.objects.values_list("number", "head"))
    if None in outside:
        yield "a line of the file of heads that is none"
    heads = [head for head in outside if head is not None]
    yield from (f"seal {head.seal}" for head in heads if inside.get(head.seal) != head.head)
    if inside and not (heads and heads[0].begins):
        yield "the file of heads begins with neither seal 1 nor a restore"
    # A head leaves the database a moment after its seal. Those of seals before a restore stand in
    # the file that was set aside.
    last = Seal.objects.filter(sealed_at__lt=at - SEALED_WITHIN).first()
    told = {head.seal for head in heads}
    if last is not None and last.number not in told and last.number > min(told, default=0):
        yield f"seal {last.number} is not in the file of heads"


def _list_late(at: datetime) -> list[int]:
    return select_column(_LATE, [at - SEALED_WITHIN])
