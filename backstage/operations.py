"""The record of what an installation does for itself, such as backups."""

import logging
from datetime import datetime

logger = logging.getLogger(__name__)

OK, FAILED = "ok", "failed"


def record_run(kind: str, *, started_at: datetime, outcome: str, detail: str) -> None:
    """Record one run of `kind`, with its outcome, `OK` or `FAILED`."""
    level = logging.INFO if outcome == OK else logging.ERROR
    logger.log(level, "%s, begun %s: %s. %s", kind, started_at.isoformat(), outcome, detail)
