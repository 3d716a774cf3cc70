"""Valid rows of jobs and their parts, as `rows.VALID` has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Model

from backstage.models import Job, JobPart
from tests.factories import NOON

# `w` is the world of `rows`.
JOBS: dict[type[Model], Callable[[Any], dict[str, Any]]] = {
    Job: lambda _w: {"kind": "test.order", "asked_at": NOON, "done": 3, "total": 3},
    JobPart: lambda _w: {
        "job": Job.objects.get_or_create(kind="test.order", asked_at=NOON)[0],
        "key": "1",
        "label": "a part",
    },
}
