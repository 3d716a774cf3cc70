"""What is decided about organisations that a file names and that do not exist.

`proposals` are the rows of one file, of a model with the fields of `UNDECIDED` and a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schools.organisation_finder import OrganisationFinder
from schools.queries.proposals import Place

UNDECIDED = {
    "is_ticked": False,
    "code": "",
    "kind": "",
    "parent": None,
    "parent_proposal": None,
    "township": None,
}


def store_decisions(proposals: Any, places: Sequence[Place]) -> None:
    """Tick the proposals that have a place, and no others. Those that are gone stay away."""
    proposals.update(**UNDECIDED)
    by_name = {proposal.name: proposal for proposal in proposals.all()}
    ticked = []
    for place in places:
        if (proposal := by_name.get(place.name)) is None:
            continue
        proposal.is_ticked, proposal.code, proposal.kind = True, place.code, place.kind
        proposal.parent_id, proposal.township_id = place.parent_id, place.township_id
        proposal.parent_proposal = by_name.get(place.parent_proposal)
        ticked.append(proposal)
    proposals.bulk_update(ticked, fields=[*UNDECIDED])


def list_ticked(proposals: Any, organisations: OrganisationFinder) -> dict[str, int]:
    """The keys of the ticked ones by name.

    If one that others stand below was founded meanwhile, all are decided anew.
    """
    below = proposals.filter(parent_proposal__isnull=False)
    if not all(
        map(organisations.is_unknown, below.values_list("parent_proposal__name", flat=True))
    ):
        proposals.update(**UNDECIDED)
    return dict(proposals.filter(is_ticked=True).values_list("name", "pk"))
