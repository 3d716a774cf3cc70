"""Pages that tell a load balancer, a supervisor or `make run` whether the portal works."""

from typing import Literal

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backstage.files_folder import FolderState, look_at_folder
from config.celery import broker_state
from config.lib.rows import select_value

# A folder without a mark is that of a new site: the worker marks it within a minute.
_FOLDER_SERVES = {FolderState.OK, FolderState.UNMARKED}
_WRITABLE = "SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'"


@never_cache
@login_not_required
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """The state of database and broker: 200 if both work, else 503. `make run` waits for it."""
    database, broker = database_state(), broker_state()
    well = database == broker == "ok"
    return JsonResponse(
        {"status": "ok" if well else "degraded", "database": database, "broker": broker},
        status=200 if well else 503,
    )


@never_cache
@login_not_required
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    """200: this process answers. It asks nothing else, so no outage elsewhere restarts it."""
    return JsonResponse({"status": "ok"})


@never_cache
@login_not_required
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """200 if people can work here, else 503: database, migrations and files folder.

    A broker that is away is only told, since all pages work without it and jobs wait as rows.
    """
    database = writable_state()
    migrations = migrations_state() if database == "ok" else "unknown"
    files = files_state() if migrations == "ok" else "unknown"
    well = database == migrations == "ok" and files in _FOLDER_SERVES
    return JsonResponse(
        {
            "status": "ok" if well else "unavailable",
            "database": database,
            "migrations": migrations,
            "files": files,
            "broker": broker_state(),
        },
        status=200 if well else 503,
    )


def database_state() -> Literal["ok", "down"]:
    """Whether the database answers a query. Never raises."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        connection.close()  # so that the next request opens a new connection
        return "down"
    return "ok"


def writable_state() -> Literal["ok", "read-only", "down"]:
    """Whether the database takes writes: it is neither a standby nor read-only. Never raises."""
    try:
        is_writable = select_value(_WRITABLE)
    except Error:
        connection.close()
        return "down"
    return "ok" if is_writable else "read-only"


class _Migrations:
    """Whether all migrations were applied; once they are, this process asks no more."""

    are_applied = False


def migrations_state() -> Literal["ok", "pending", "unknown"]:
    """Whether the database has every migration of this version. Never raises."""
    if not _Migrations.are_applied:
        try:
            executor = MigrationExecutor(connection)
            pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        except Error:
            return "unknown"
        if pending:
            return "pending"
        _Migrations.are_applied = True
    return "ok"


def files_state() -> FolderState | Literal["unknown"]:
    """Whether files can be stored in the right folder. Never raises."""
    try:
        return look_at_folder()
    except Error:
        return "unknown"
