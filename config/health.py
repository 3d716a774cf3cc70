"""The page that tells a load balancer or `make run` whether the portal works."""

from typing import Literal

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.celery import broker_state


@never_cache
@login_not_required
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """The state of database and broker: 200 if both work, else 503."""
    database, broker = database_state(), broker_state()
    well = database == broker == "ok"
    return JsonResponse(
        {"status": "ok" if well else "degraded", "database": database, "broker": broker},
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
