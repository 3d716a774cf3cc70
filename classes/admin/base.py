"""Shared parts of admin pages about what members did in classes."""

from accounts.admin_base import KeysFirstPaginator, ReadOnlyAdmin
from accounts.enums import DISTRICT_ROLES
from trainees.admin.base import MemberSearchAdmin


class EvidenceAdmin(MemberSearchAdmin, ReadOnlyAdmin):
    """Rows that domain actions wrote about a member, newest first."""

    view_roles = DISTRICT_ROLES
    ordering = ("-id",)
    sortable_by = ()
    paginator = KeysFirstPaginator
