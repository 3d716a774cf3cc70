"""A long statement as a chain of named steps, which is read from top to bottom."""

from collections.abc import Mapping


class Once(str):
    """A step that is carried out once, whatever the steps after it ask of it."""

    __slots__ = ()


def with_steps(steps: Mapping[str, str], statement: str) -> str:
    """The `statement` after these SELECTs; each step may read those before it by their names.

    PostgreSQL plans a step as if its text stood where it is named: what a later step asks for
    narrows it, and what nobody reads is not carried out. So a chain is as fast as one nested text.
    """
    named = (
        f"{name} AS {'' if isinstance(sql, Once) else 'NOT '}MATERIALIZED ({sql}\n)"
        for name, sql in steps.items()
    )
    return f"WITH {', '.join(named)}\n{statement}"
