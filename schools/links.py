"""The menu links and look-ups of the school network."""

from django.utils.translation import gettext_lazy as _

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, Role
from backstage.menu import MenuLink

_STAFF = SCHOOL_ROLES | DISTRICT_ROLES

SCHOOLS = MenuLink(_("Schools"), "schools:schools", 70, _STAFF)
# Label, page, roles that see it, and rank.
LOOKUPS = (
    (_("Schools"), "schools:schools", _STAFF, 260),
    (
        _("Townships and villages"),
        "admin:schools_township_changelist",
        frozenset({Role.SYSTEM_ADMINISTRATOR}),
        350,
    ),
)
