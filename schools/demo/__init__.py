"""The demo district's network, organisations and officers."""

from dataclasses import dataclass
from functools import cached_property

from schools.demo.leaders import seed_leaders
from schools.demo.network import Network, SchoolRow, seed_network
from schools.demo.officers import seed_officers
from schools.demo.organisations import OrganisationRow, seed_organisations
from schools.demo.plan import DemoPlan


@dataclass(frozen=True)
class DemoSchools:
    """The data that the higher apps' demos build on."""

    network: Network
    organisations: list[OrganisationRow]
    clerks: dict[int, int]  # account id by school id
    second_clerks: dict[int, int]

    @cached_property
    def serving(self) -> list[SchoolRow | None]:
        """The school that serves each organisation, in the order of the tree."""
        by_code = {t.code: self.network.school_of(t) for t in self.network.townships}
        return [by_code[o.township.code] if o.township else None for o in self.organisations]

    def school_for(self, place: int) -> SchoolRow:
        """The school that serves the branch at this position of the tree."""
        school = self.serving[place]
        if school is None:
            raise ValueError("No school serves the district committee itself.")
        return school

    def clerk_for(self, place: int) -> int:
        """The account of that school's clerk."""
        return self.clerks[self.school_for(place).id]

    def second_clerk_for(self, place: int) -> int:
        """The account of the clerk who records for the branches of that school."""
        return self.second_clerks[self.school_for(place).id]


def seed_schools(plan: DemoPlan) -> DemoSchools:
    """Store this app's part of the demo."""
    network = seed_network()
    organisations = seed_organisations(plan, network)
    accounts = seed_officers(plan, network, organisations)
    seed_leaders(plan, network, accounts.liaison_officers)
    return DemoSchools(network, organisations, accounts.clerks, accounts.second_clerks)


__all__ = ["DemoPlan", "DemoSchools", "OrganisationRow", "SchoolRow", "seed_schools"]
