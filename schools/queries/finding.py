"""Find organisations by typed text."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Case, IntegerField, Q, Value, When

from accounts.models import User
from schools.models import Organisation

# With more matches than this, the user must type more of the name.
SHOWN = 20
# Name and code as in `typed_as`: 100 and 20 signs, and what stands between them.
LONGEST_TYPED = 130
_BETWEEN = " · "


def typed_as(organisation: Organisation) -> str:
    """The text that names exactly this organisation: its name, and its code."""
    return f"{organisation.name}{_BETWEEN}{organisation.code}"


@dataclass(frozen=True)
class Found:
    """The organisations that match a text, and whether there are more."""

    shown: list[Organisation] = field(default_factory=list)
    has_more: bool = False


def find_organisations(
    user: User, text: str, days: DateRange, today: date, limit: int = SHOWN
) -> Found:
    """Organisations visible today that exist on one of `days` and match `text`.

    An exact code or name takes precedence; a text as by `typed_as` is its code. Otherwise the
    order is: `text` at the start of code or name, then in the name, then in the pinyin initials.
    """
    _name, between, code = text.rpartition(_BETWEEN)
    if between and code.strip().isdigit():
        text = code
    # PostgreSQL rejects NUL. Names are stored with their inner spaces, but users may add others.
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
        *(When(condition, then=Value(place)) for place, condition in enumerate(ranks)),
        default=Value(len(ranks)),
        output_field=IntegerField(),
    )
    in_sight = Organisation.objects.visible_to(user, today).filter(period__overlap=days)
    named = in_sight.named_like(loose, tight).annotate(rank=rank)
    rows = list(named.order_by("rank", "code")[: limit + 1])
    exact = [row for row in rows if row.rank == 0]
    fitting = exact or rows
    return Found(fitting[:limit], len(fitting) > limit)
