"""What runs behind the pages, to look at."""

from django.contrib import admin

from accounts.admin_base import ReadOnlyAdmin
from accounts.enums import Role
from backstage.models import IdempotencyKey, Job, StoredFile


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin):
    """Forms answered once; swept by a task."""

    view_roles = frozenset({Role.SYSTEM_ADMINISTRATOR})
    fields = ("key", "user", "act", "location", "created_at")
    list_display = ("key", "user", "act", "created_at")
    list_select_related = ("user",)
    ordering = ("-created_at", "-id")
    sortable_by = ()


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Work behind the pages, to find out what became of it."""

    view_roles = frozenset({Role.SYSTEM_ADMINISTRATOR})
    fields = (
        "kind",
        "lane",
        "state",
        "done",
        "total",
        "attempts",
        "problem",
        "asked_by",
        "asked_at",
        "channel",
        "sent_at",
        "started_at",
        "ended_at",
    )
    list_display = ("id", "kind", "state", "asked_by", "asked_at", "started_at", "ended_at")
    list_select_related = ("asked_by",)
    list_filter = ("state",)
    ordering = ("-asked_at", "-id")
    sortable_by = ()


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    """That a file is kept, and until when; never its content."""

    view_roles = frozenset({Role.SYSTEM_ADMINISTRATOR})
    fields = ("key", "media_type", "size", "owner", "created_at", "expires_at")
    list_display = ("key", "media_type", "size", "owner", "created_at", "expires_at")
    list_select_related = ("owner",)
    ordering = ("-created_at", "-id")
    sortable_by = ()
