"""Backups and drills as runs with a recorded outcome."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from backstage.operations import FAILED, OK, record_run
from config.backups.drill import rehearse
from config.backups.errors import BackupError
from config.backups.making import make_backup


def run_backup(target: Path, *, at: datetime) -> str:
    """Make a backup and record the outcome; returns it in a line. Raises BackupError."""

    def make() -> str:
        manifest = make_backup(target)
        lost = f"; {len(manifest.missing)} stored files are lost" if manifest.missing else ""
        return (
            f"{target}: {len(manifest.entries) - 1} stored files, "
            f"{manifest.size / 1024**2:.1f} MiB in all{lost}"
        )

    return _record("backup", make, at)


def run_drill(*, find: Callable[[], Path], at: datetime) -> str:
    """Rehearse the restoring of a backup and record the outcome. Raises BackupError."""
    return _record("restore_drill", lambda: rehearse(find()), at)


def _record(kind: str, work: Callable[[], str], at: datetime) -> str:
    try:
        detail = work()
    except BackupError as error:
        record_run(kind, started_at=at, outcome=FAILED, detail=str(error))
        raise
    record_run(kind, started_at=at, outcome=OK, detail=detail)
    return detail
