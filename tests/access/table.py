"""Who gets what from every address: the one table of URL × role × own or other school.

A cell is the status of a GET. `own` and `other` say whose school the object in the address
belongs to; addresses without an object have one column. Admin addresses follow by rule from
the roles that each ModelAdmin names (`test_admin_access`).
"""

from __future__ import annotations

from dataclasses import dataclass

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, Role

SIGN_IN = 302
OK, FORBIDDEN, MISSING, NOT_ALLOWED = 200, 403, 404, 405

EVERYONE = frozenset(Role)
STAFF = SCHOOL_ROLES | DISTRICT_ROLES


@dataclass(frozen=True)
class Row:
    """One address. Roles in neither `own` nor `public` are answered with `denied`."""

    own: dict[frozenset, int]
    other: dict[frozenset, int] | None = None
    public: int | None = None
    denied: int = FORBIDDEN
    target: str = ""
    writes_trail: bool = False

    def expected(self, role: Role | None, *, own: bool) -> int:
        """The status for a role; None is a stranger."""
        if role is None:
            return SIGN_IN if self.public is None else self.public
        cells = self.own if own or self.other is None else self.other
        return next((status for roles, status in cells.items() if role in roles), self.denied)


CLERK = frozenset({Role.SCHOOL_CLERK})
OFFICE = frozenset({Role.ORGANISATION_DEPARTMENT})
LIAISON = frozenset({Role.LIAISON_OFFICER})
# Who sees an object of the own school or of any; who may do something to it.
SEEN = {SCHOOL_ROLES: MISSING, DISTRICT_ROLES: OK}
OFFICE_ACT = Row({OFFICE: OK}, {OFFICE: OK, SCHOOL_ROLES: MISSING}, target="organisation")

TABLE: dict[str, Row] = {
    "home": Row({EVERYONE: OK}),
    "healthz": Row({EVERYONE: OK}, public=OK),
    "set_language": Row({EVERYONE: NOT_ALLOWED}, public=NOT_ALLOWED),
    "accounts:sign_in": Row({EVERYONE: 302}, public=OK),
    "accounts:sign_out": Row({EVERYONE: NOT_ALLOWED}, public=NOT_ALLOWED),
    "accounts:password_change": Row({EVERYONE: OK}),
    "schools:schools": Row({STAFF: OK}),
    "schools:open": Row({OFFICE: OK}),
    "schools:contact": Row(
        {OFFICE | CLERK: OK}, {OFFICE: OK, SCHOOL_ROLES: MISSING}, target="school"
    ),
    "schools:officer": Row({OFFICE: OK}, {OFFICE: OK, SCHOOL_ROLES: MISSING}, target="school"),
    "schools:note": Row({LIAISON: OK}, {SCHOOL_ROLES: MISSING}, target="school"),
    "schools:merge": Row({OFFICE: OK}, {OFFICE: OK, SCHOOL_ROLES: MISSING}, target="school"),
    "courses:school": Row({STAFF: OK}, SEEN, target="school"),
    "courses:venue_add": Row({DISTRICT_ROLES | CLERK: OK}, SEEN, target="school"),
    "courses:venue": Row({DISTRICT_ROLES | CLERK: OK}, SEEN, target="venue"),
    "trainees:organisations": Row({STAFF: OK}),
    "trainees:organisation": Row({STAFF: OK}, SEEN, target="organisation"),
    "trainees:organisation_add": OFFICE_ACT,
    "trainees:organisation_rename": OFFICE_ACT,
    "trainees:organisation_move": OFFICE_ACT,
    "trainees:organisation_split": OFFICE_ACT,
    "trainees:organisation_merge": OFFICE_ACT,
    "trainees:organisation_close": OFFICE_ACT,
    "trainees:my_hours": Row({frozenset({Role.MEMBER}): OK}, denied=MISSING),
    "trainees:sessions": Row({STAFF: OK}),
    "trainees:roll": Row(
        {STAFF: OK}, {SCHOOL_ROLES: MISSING, DISTRICT_ROLES: OK}, target="session"
    ),
    "trainees:correction": Row({CLERK: OK}, {SCHOOL_ROLES: MISSING}, target="attendance"),
    "trainees:dashboard": Row({STAFF: OK}),
    "trainees:classes": Row({STAFF: OK}),
    "trainees:attendances": Row({STAFF: OK}),
    "trainees:attendees": Row({STAFF: OK}),
    "trainees:entries": Row({STAFF: OK}),
    "trainees:members": Row({STAFF: OK}),
    "trainees:member_hours": Row(
        {STAFF: OK},
        {SCHOOL_ROLES: MISSING, DISTRICT_ROLES: OK},
        target="member",
        writes_trail=True,
    ),
}
