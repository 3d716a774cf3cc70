"""Kinds of sources that hours are claimed for, and what each kind provides.

An app registers its kinds when it is ready. The ledger knows only what is registered here, not the
tables of the kinds: a new kind of evidence needs no change in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ImproperlyConfigured
from django.db.models import CharField, Func

# A check of `verify_ledger`: a statement that returns the ids of rows that do not fit, or a
# function that lists them.
type Check = str | Callable[[], list[int]]


@dataclass(frozen=True)
class SourceKind:
    """A kind of source, described by its app in SQL; `key` is the text in `Source.kind`.

    `claim` is the SELECT of its pieces, as `hours.actions.ledger.post_hours` takes it; its columns
    bear the names of `hours.queries.evidence.Piece`, in that order. `title` is the SQL for a
    source's title; `{source}` is replaced by the source id. `participants` is a SELECT of
    source_id, member_id and organisation_id of everyone who took part; only for a kind that counts
    once for a person, whichever of their rows it names. `locks` are the tables in which each action
    of this kind begins by locking a row. Among claims made at once for the same minute, a kind of a
    lower `rank` comes first.
    """

    key: str
    claim: str
    title: str
    locks: tuple[str, ...]
    participants: str = ""
    checks: Mapping[str, Check] = field(default_factory=dict)
    rank: int = 0


_kinds: dict[str, SourceKind] = {}
_checks: dict[str, Check] = {}


def register_source_kind(kind: SourceKind) -> None:
    """Let hours be claimed for sources of this kind; called once per kind, at start-up.

    Raises ImproperlyConfigured if the key or the name of a check is taken.
    """
    if kind.key in _kinds:
        raise ImproperlyConfigured(f"Two kinds of sources are called {kind.key}.")
    _require_new(kind.checks)
    _kinds[kind.key] = kind


def register_checks(checks: Mapping[str, Check]) -> None:
    """Add checks to `verify_ledger` for data that depends on the ledger; called at start-up.

    Raises ImproperlyConfigured if the name of one is taken.
    """
    _require_new(checks)
    _checks.update(checks)


def _require_new(checks: Mapping[str, Check]) -> None:
    taken = list_registered_checks().keys() & checks.keys()
    if taken:
        raise ImproperlyConfigured(f"Two checks have one name: {', '.join(sorted(taken))}.")


def list_source_kinds() -> list[SourceKind]:
    """The kinds, in order of registration."""
    return list(_kinds.values())


def list_registered_checks() -> dict[str, Check]:
    """The checks that kinds or other apps registered, by name."""
    checks: dict[str, Check] = {}
    for kind in _kinds.values():
        checks |= kind.checks
    return checks | _checks


def rank_of(key: str | None) -> int:
    """The rank of a kind; 0 if the kind is unknown."""
    return _kinds[key].rank if key in _kinds else 0


def counts_once(key: str) -> bool:
    """Whether sources of the kind count once for a person, whichever of their rows they name."""
    return bool(_kinds[key].participants)


def title_sql(source: str) -> str:
    """SQL for the title of the source with the id `source`, a column with its table."""
    titles = "".join(
        f" WHEN '{kind.key}' THEN ({kind.title.format(source=source)})" for kind in _kinds.values()
    )
    return (
        f"(SELECT CASE named.kind{titles} END"  # noqa: S608 - the text of apps, no input
        f" FROM hours_source named WHERE named.id = {source})"
    )


def source_title(source: str) -> Func:
    """The title of the source in the field `source`, for a queryset."""
    return Func(source, template=title_sql("%(expressions)s"), output_field=CharField())


def participants_sql() -> str:
    """SELECT of all participants in sources that count once for a person.

    Its columns are source_id, member_id and organisation_id.
    """
    nobody = (
        "SELECT NULL::bigint AS source_id, NULL::bigint AS member_id,"
        " NULL::bigint AS organisation_id WHERE false"
    )
    selects = [kind.participants for kind in _kinds.values() if kind.participants]
    return " UNION ALL ".join([nobody, *selects])
