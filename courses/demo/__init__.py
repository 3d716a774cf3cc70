"""The demo's courses, venues, classes and sessions."""

from courses.demo.booking import (
    Booking,
    ClassRow,
    SessionRow,
    read_shares,
    seed_venues,
    store_classes,
)
from courses.demo.menu import module_ids, seed_menu, seed_programmes
from courses.demo.timetable import CAP_DAYS_BEFORE, Part, Slot, list_wishes
from courses.demo.venues import seed_teaching_points
from instructors.demo import InstructorRow
from schools.demo import DemoPlan, DemoSchools


def seed_courses(
    plan: DemoPlan, schools: DemoSchools, instructors: list[InstructorRow]
) -> list[ClassRow]:
    """Store this app's demo data; returns the classes with their wanted rosters."""
    modules = module_ids()
    seed_programmes(plan)
    courses = seed_menu(plan, instructors, modules)
    network = schools.network
    booking = Booking(plan, courses, seed_venues(network.schools), read_shares(plan.on))
    classes = [
        booked
        for school in network.schools
        for booked in booking.book(list_wishes(plan, school), school)
    ]
    store_classes(classes, modules)
    seed_teaching_points(network.schools)
    return classes


__all__ = ["CAP_DAYS_BEFORE", "ClassRow", "Part", "SessionRow", "Slot", "seed_courses"]
