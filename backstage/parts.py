"""Parts of pages that the apps above bring: a page has places, and each part its template."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# Of what the page shows, what the part shows; None where it is not shown at all.
type PartReader = Callable[[Mapping[str, Any]], dict[str, Any] | None]


@dataclass(frozen=True)
class Part:
    """A template for a place of a page, and what it shows there."""

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
