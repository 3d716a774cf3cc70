"""Organisations that a register names and nobody knows: kept as proposals."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _

from schools.organisation_finder import LONGEST_NAME, OrganisationFinder, proposable_name
from trainees.imports.rows import RegisterLine
from trainees.models import ProposedOrganisation, RegisterImport


def store_proposals(register: RegisterImport, lines: Iterable[RegisterLine]) -> None:
    """Keep the unknown names of a file, with what was decided about them; others go.

    Those that others stand below come first, then the most frequent.
    """
    rows: Counter[str] = Counter()
    said: dict[str, dict[str, None]] = defaultdict(dict)
    for line in lines:
        if name := line.unknown_organisation:
            rows[name] += 1
            said[name] |= {line.upper: None} if line.upper not in {"", name} else {}
    organisations = OrganisationFinder(register.as_of)
    uppers = {upper: None for texts in said.values() for upper in texts}
    unknown = [u for u in uppers if proposable_name(u) and organisations.is_unknown(u)]
    names = dict.fromkeys([*unknown, *(name for name, _n in rows.most_common())])
    register.proposals.exclude(name__in=names).delete()
    ProposedOrganisation.objects.bulk_create(
        (
            ProposedOrganisation(
                register=register,
                name=name,
                rows=rows[name],
                # Several are none that exists, so that an officer chooses.
                upper_text=_(", ").join(said[name])[:LONGEST_NAME],
            )
            for name in names
        ),
        update_conflicts=True,
        unique_fields=["register", "name"],
        update_fields=["rows", "upper_text"],
    )
