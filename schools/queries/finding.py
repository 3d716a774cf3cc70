"""Organisations found by what people type."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Case, IntegerField, Q, Value, When

from accounts.models import User
from schools.models import Organisation

# More organisations than this are no choice: the person types more of the name.
SHOWN = 20


@dataclass(frozen=True)
class Found:
    """The organisations that a text names, to choose from, and whether there are more of them."""

    shown: list[Organisation] = field(default_factory=list)
    has_more: bool = False


def find_organisations(
    user: User, text: str, days: DateRange, today: date, limit: int = SHOWN
) -> Found:
    """Organisations in sight today that exist on one of `days` and that `text` names.

    A whole code or name is meant before anything else. Otherwise come those whose code or name
    begins with `text`, those whose name holds it, and those whose pinyin initials do.
    """
    # PostgreSQL knows no NUL. Spaces inside a name are stored, those that people add are not.
    words = text.replace("\0", " ").split()
    if not words:
        return Found()
    loose, tight = " ".join(words), "".join(words)
    ranks = (
        Q(code=tight) | Q(name__in=[loose, tight]),
        Q(code__startswith=tight) | Q(name__startswith=loose) | Q(name__startswith=tight),
        Q(name__contains=loose) | Q(name__contains=tight),
    )
    rank = Case(
        *(When(how, then=Value(place)) for place, how in enumerate(ranks)),
        default=Value(len(ranks)),
        output_field=IntegerField(),
    )
    in_sight = Organisation.objects.visible_to(user, today).filter(period__overlap=days)
    named = in_sight.named_like(loose, tight).annotate(rank=rank)
    rows = list(named.order_by("rank", "code")[: limit + 1])
    exact = [row for row in rows if row.rank == 0]
    fitting = exact or rows
    return Found(fitting[:limit], len(fitting) > limit)
