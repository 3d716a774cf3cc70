"""Read-only admin for what runs behind the pages."""

from django.contrib import admin

from accounts.admin_base import ReadOnlyAdmin
from accounts.enums import ADMINISTRATOR_ROLES, Role
from backstage.models import Delivery, IdempotencyKey, Job, JobPart, PendingAct, StoredFile


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin):
    """Keys of processed forms; a task deletes old ones."""

    view_roles = frozenset({Role.SYSTEM_ADMINISTRATOR})
    fields = ("key", "user", "act", "location", "created_at")
    list_display = ("key", "user", "act", "created_at")
    list_select_related = ("user",)
    ordering = ("-created_at", "-id")
    sortable_by = ()


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Background jobs, to see what became of them."""

    view_roles = frozenset({Role.SYSTEM_ADMINISTRATOR})
    fields = (
        "kind",
        "queue",
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


@admin.register(JobPart)
class JobPartAdmin(ReadOnlyAdmin):
    """Parts of background jobs, to see which one failed or takes long."""

    view_roles = frozenset({Role.SYSTEM_ADMINISTRATOR})
    fields = (
        "job",
        "key",
        "label",
        "state",
        "attempts",
        "problem",
        "sent_at",
        "started_at",
        "ended_at",
    )
    list_display = ("id", "job", "label", "state", "attempts", "started_at", "ended_at")
    list_select_related = ("job",)
    list_filter = ("state",)
    ordering = ("-id",)
    sortable_by = ()


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What became of messages on their way out; not what they say, nor to whom."""

    view_roles = frozenset({Role.SYSTEM_ADMINISTRATOR})
    fields = (
        "message",
        "channel",
        "state",
        "attempts",
        "due_at",
        "tried_at",
        "sent_at",
        "problem",
    )
    list_display = ("message", "channel", "state", "attempts", "due_at", "sent_at", "problem")
    list_select_related = ("message",)
    list_filter = ("channel", "state")
    ordering = ("-id",)
    sortable_by = ()


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    """Metadata of stored files, such as their expiry; never the content."""

    view_roles = frozenset({Role.SYSTEM_ADMINISTRATOR})
    fields = ("key", "media_type", "size", "owner", "created_at", "expires_at")
    list_display = ("key", "media_type", "size", "owner", "created_at", "expires_at")
    list_select_related = ("owner",)
    ordering = ("-created_at", "-id")
    sortable_by = ()


@admin.register(PendingAct)
class PendingActAdmin(ReadOnlyAdmin):
    """Roles and slips that needed a second person, and who the two were."""

    view_roles = ADMINISTRATOR_ROLES
    fields = (
        "kind",
        "account",
        "state",
        "proposed_at",
        "proposed_by",
        "decided_at",
        "decided_by",
        "witness",
        "reason",
    )
    list_display = ("kind", "account", "state", "proposed_at", "proposed_by", "decided_by")
    list_select_related = ("account", "proposed_by", "decided_by")
    list_filter = ("state",)
    ordering = ("-proposed_at", "-id")
    sortable_by = ()
