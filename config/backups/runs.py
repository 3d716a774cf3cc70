"""Backups and drills as runs with a recorded outcome."""

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from backstage.enums import RunOutcome
from backstage.operations import BACKUP, RESTORE_DRILL, record_run
from config.backups.drill import rehearse
from config.backups.errors import BackupError
from config.backups.making import make_backup

logger = logging.getLogger(__name__)


def run_backup(target: Path, *, at: datetime) -> str:
    """Make a backup and record the outcome; returns it in a line. Raises BackupError."""

    def make() -> str:
        manifest = make_backup(target)
        lost = f"; {len(manifest.missing)} stored files are lost" if manifest.missing else ""
        return (
            f"{target}: {len(manifest.entries) - 1} stored files, "
            f"{manifest.size / 1024**2:.1f} MiB in all{lost}"
        )

    return _record(BACKUP, make, at)


def run_drill(*, find: Callable[[], Path], at: datetime) -> str:
    """Rehearse the restoring of a backup and record the outcome. Raises BackupError."""
    return _record(RESTORE_DRILL, lambda: rehearse(find()), at)


def _record(kind: str, work: Callable[[], str], at: datetime) -> str:
    try:
        detail = work()
    except BackupError as error:
        record_run(kind, started_at=at, outcome=RunOutcome.FAILED, detail=str(error))
        logger.error("%s failed: %s", kind, error)  # noqa: TRY400 - no fault of the code
        raise
    record_run(kind, started_at=at, outcome=RunOutcome.OK, detail=detail)
    logger.info("%s: %s", kind, detail)
    return detail
