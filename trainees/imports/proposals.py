"""Organisations that a register names and nobody knows: kept as proposals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from trainees.imports.rows import RegisterLine
from trainees.models import ProposedOrganisation, RegisterImport

# A file with more unknown names is a file of another district.
MOST_PROPOSALS = 100


def store_proposals(register: RegisterImport, lines: Iterable[RegisterLine]) -> None:
    """Keep the unknown names of a file, with what was decided about them; others go."""
    rows: Counter[str] = Counter()
    uppers: dict[str, str] = {}
    for line in lines:
        if line.unknown_organisation:
            rows[line.unknown_organisation] += 1
            uppers.setdefault(line.unknown_organisation, line.upper)
    common = dict(rows.most_common(MOST_PROPOSALS))
    register.proposals.exclude(name__in=common).delete()
    ProposedOrganisation.objects.bulk_create(
        (
            ProposedOrganisation(register=register, name=name, rows=n, upper_text=uppers[name])
            for name, n in common.items()
        ),
        update_conflicts=True,
        unique_fields=["register", "name"],
        update_fields=["rows", "upper_text"],
    )
