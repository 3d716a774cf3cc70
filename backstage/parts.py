"""Parts that higher apps add to a page: the page has named places, each part a template."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# From the page's context to the part's context, or None to omit the part.
type PartReader = Callable[[Mapping[str, Any]], dict[str, Any] | None]


@dataclass(frozen=True)
class Part:
    """A template for a place on a page, and the function that reads its context."""

    place: str
    template: str
    read: PartReader


_parts: list[Part] = []


def register_part(part: Part) -> None:
    """Add a part to its place; called once per part, at start-up."""
    if part not in _parts:
        _parts.append(part)


def parts_at(place: str) -> list[Part]:
    """The parts of a place, in the order of the apps."""
    return [part for part in _parts if part.place == place]
