"""The mix that the lines of each module are to have, as the rule of the mix says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from courses.enums import Strand
from courses.models import Module
from courses.queries.mix import read_targets


@dataclass(frozen=True)
class ModuleTarget:
    """A module with the share of each strand in per cent."""

    module: Module
    shares: list[tuple[str, Decimal]]


def list_module_targets(on: date) -> list[ModuleTarget]:
    """The modules that have a mix on the day `on`. Two statements."""
    targets = read_targets(on)
    return [
        ModuleTarget(
            module,
            [
                (str(strand.label), targets[module.pk][strand].percent)
                for strand in Strand
                if strand in targets[module.pk]
            ],
        )
        for module in Module.objects.order_by("pk")
        if module.pk in targets
    ]
