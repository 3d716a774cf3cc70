"""What runs behind the pages, to look at."""

from django.contrib import admin

from accounts.admin_base import ReadOnlyAdmin
from accounts.enums import Role
from backstage.models import IdempotencyKey


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin):
    """Forms answered once; swept by a task."""

    view_roles = frozenset({Role.SYSTEM_ADMINISTRATOR})
    fields = ("key", "user", "act", "location", "created_at")
    list_display = ("key", "user", "act", "created_at")
    list_select_related = ("user",)
    ordering = ("-created_at", "-id")
    sortable_by = ()
