"""Unite the dated facts of two rows of one member, and part them again.

What is owed follows from memberships, posts and exemptions, so the kept row takes over each day of
them that it lacks, as if there had been one row all along. Where both rows say something of a day,
the kept row's word holds.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from config.lib.dated_rows import from_day_on
from config.lib.periods import days_without, first_day, period, shared_days
from trainees.models import Exemption, Member, Membership, Post

# The columns of each fact, and those within which two of its periods exclude each other.
FACTS: dict[type[Any], tuple[tuple[str, ...], tuple[str, ...]]] = {
    Membership: (("organisation_id", "membership_status"), ()),
    Post: (("organisation_id", "kind"), ("organisation_id", "kind")),
    Exemption: (("category",), ()),
}
TAKEN = "taken"


def unite_facts(*, kept: Member, given_up: Member, first: date, at: datetime) -> dict[str, Any]:
    """Pass the facts of the row given up from the day `first` on to the row that remains.

    Returns what `part_facts` needs: by model, the facts of the row given up with their periods, and
    under TAKEN those that the kept row did not have.
    """
    record: dict[str, Any] = {TAKEN: {}}
    for model in FACTS:
        rows = model.objects.filter(from_day_on(first), member=given_up).order_by("period")
        written, taken = [], []
        for row in rows:
            written.append(_write(row, row.period))
            days = shared_days(row.period, period(first))
            taken += [_write(row, part) for part in _add(written[-1], model, kept, days, at)]
            _keep(row, days_without(row.period, [period(first)]), at)
        record[model.__name__], record[TAKEN][model.__name__] = written, taken
    return record


def part_facts(
    *, kept: Member, given_up: Member, first: date, record: dict[str, Any], at: datetime
) -> None:
    """Give both rows their own facts again, as `unite_facts` recorded them, from `first` on.

    Without memberships, what is before `first` decides no verdict of the row given up: its posts
    and exemptions come back whole, so that no appointment seems new. Facts recorded of the person
    since the merge stay with the kept row.
    """
    open_days = period(first)
    for model in FACTS:
        for fact in record.get(TAKEN, {}).get(model.__name__, []):
            days = shared_days(_period_of(fact), open_days)
            for row in _same(fact, model, kept) if days else ():
                _keep(row, days_without(row.period, [days]), at)
        for fact in record.get(model.__name__, []):
            whole = _period_of(fact)
            days = shared_days(whole, open_days) if model is Membership else whole
            _add(fact, model, given_up, days, at, joins=True)


def _write(row: Any, days: DateRange) -> dict[str, Any]:
    """A fact as it is stored with the merge."""
    columns, _beside = FACTS[type(row)]
    upper = str(days.upper or "")
    return {name: getattr(row, name) for name in columns} | {
        "from": str(days.lower),
        "until": upper,
    }


def _period_of(fact: dict[str, Any]) -> DateRange:
    until = date.fromisoformat(fact["until"]) if fact["until"] else None
    return period(date.fromisoformat(fact["from"]), until)


def _columns(fact: dict[str, Any], model: type[Any]) -> dict[str, Any]:
    return {name: fact[name] for name in FACTS[model][0]}


def _same(fact: dict[str, Any], model: type[Any], member: Member) -> list[Any]:
    """The member's rows that say the same."""
    return list(model.objects.filter(member=member, **_columns(fact, model)).order_by("period"))


def _add(
    fact: dict[str, Any],
    model: type[Any],
    member: Member,
    days: DateRange | None,
    at: datetime,
    *,
    joins: bool = False,
) -> list[DateRange]:
    """Record the fact on those of `days` of which the member's rows say nothing; returns them.

    With `joins`, a row that says the same until the day before goes on instead of a new one.
    """
    if days is None:
        return []
    beside = {name: fact[name] for name in FACTS[model][1]}
    others = model.objects.filter(member=member, period__overlap=days, **beside)
    free = days_without(days, [other.period for other in others])
    for part in free:
        before = [row for row in _same(fact, model, member) if row.period.upper == part.lower]
        if joins and before:
            _keep(before[0], [period(first_day(before[0].period), part.upper)], at)
        else:
            model.objects.create(
                member=member, period=part, recorded_at=at, **_columns(fact, model)
            )
    return free


def _keep(row: Any, parts: list[DateRange], at: datetime) -> None:
    """Leave of a row only these parts of its period."""
    if parts == [row.period]:
        return
    if not parts:
        row.delete()
        return
    row.period, row.recorded_at = parts[0], at
    row.save(update_fields=["period", "recorded_at"])
    for part in parts[1:]:
        row.pk, row._state.adding, row.period = None, True, part
        row.save(force_insert=True)
