"""What the school network brings to menu and home."""

from django.utils.translation import gettext_lazy as _

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, Role
from backstage.menu import MenuLink

_STAFF = SCHOOL_ROLES | DISTRICT_ROLES

SCHOOLS = MenuLink(_("Schools"), "schools:schools", 70, _STAFF)
# Label, page, who sees it, and its rank.
LOOKUPS = (
    (_("Schools"), "schools:schools", _STAFF, 260),
    (
        _("Townships and villages"),
        "admin:schools_township_changelist",
        frozenset({Role.SYSTEM_ADMINISTRATOR}),
        350,
    ),
)
