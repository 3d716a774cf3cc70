"""Venues of the demo's schools: rooms, on-site teaching points, and their equipment."""

from collections.abc import Iterable
from dataclasses import dataclass

from config.lib.copying import copy_rows, reserve_ids
from config.lib.periods import period
from courses.enums import EquipmentKind, VenueKind
from courses.models import Equipment, Venue
from schools.demo import SchoolRow
from schools.demo.network import LIQIZHUANG, SCHOOLS_SINCE, YANGLIUQING

_TEACHING_POINT = "现场教学点"
# In addition to the two memorials: ten points in all, the number in the source. No demo class is
# booked there, so that the timetable does not change.
_MORE_POINTS = {
    YANGLIUQING: (
        ("平津战役前线旧址现场教学点", 60),
        ("大运河文化保护现场教学点", 50),
        ("年画传承馆现场教学点", 40),
        ("基层治理服务中心现场教学点", 45),
    ),
    LIQIZHUANG: (
        ("村史馆现场教学点", 40),
        ("乡村振兴展览馆现场教学点", 60),
        ("法治文化广场现场教学点", 120),
        ("红色驿站现场教学点", 30),
    ),
}
_IN_A_ROOM = (
    (EquipmentKind.PROJECTOR, 1),
    (EquipmentKind.SOUND, 1),
    (EquipmentKind.FLAG, 1),
    (EquipmentKind.OATH, 1),
    (EquipmentKind.PHONE_POCKETS, 1),
)
_IN_A_HALL = (*_IN_A_ROOM, (EquipmentKind.VIDEO_CONFERENCING, 1), (EquipmentKind.BOOKS, 200))
_OUTSIDE = ((EquipmentKind.FLAG, 1), (EquipmentKind.PLAQUE, 1))


@dataclass(frozen=True, slots=True)
class StoredVenue:
    """A venue to be stored under a reserved id."""

    id: int
    school: SchoolRow
    name: str
    capacity: int
    kind: VenueKind

    @property
    def equipment(self) -> tuple[tuple[EquipmentKind, int], ...]:
        if self.kind is VenueKind.TEACHING_POINT:
            return _OUTSIDE
        return _IN_A_HALL if self.capacity > 100 else _IN_A_ROOM


def kind_of(name: str) -> VenueKind:
    """The kind of a venue, by its name."""
    return VenueKind.TEACHING_POINT if name.endswith(_TEACHING_POINT) else VenueKind.VENUE


def seed_teaching_points(schools: Iterable[SchoolRow]) -> None:
    """Store the teaching points without demo classes."""
    wanted = [(s, name, seats) for s in schools for name, seats in _MORE_POINTS.get(s.code, ())]
    ids = reserve_ids(Venue, len(wanted))
    store_venues(
        StoredVenue(pk, school, name, seats, VenueKind.TEACHING_POINT)
        for pk, (school, name, seats) in zip(ids, wanted, strict=True)
    )


def store_venues(venues: Iterable[StoredVenue]) -> None:
    """Store venues with their equipment. They are in the buildings of their school's office."""
    rows = list(venues)
    copy_rows(
        Venue,
        [
            "id",
            "school_id",
            "name",
            "kind",
            "capacity",
            "address",
            "contact",
            "telephone",
            "period",
        ],
        [
            (
                row.id,
                row.school.id,
                row.name,
                row.kind.value,
                row.capacity,
                f"天津市西青区{row.school.name.removesuffix('党校')}党群服务中心",
                "党校办公室",
                "",
                period(SCHOOLS_SINCE),
            )
            for row in rows
        ],
    )
    copy_rows(
        Equipment,
        ["venue_id", "kind", "count"],
        [(row.id, kind.value, count) for row in rows for kind, count in row.equipment],
    )
