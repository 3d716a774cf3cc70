"""Back to a moment, as docs/operation.md has it: a base backup and the archive of the log."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from config.embedded import find_programs
from tests.config.backups.conftest import own_server
from tests.connections import PATIENCE

ARCHIVED = "SELECT last_archived_wal >= '{wal}' FROM pg_stat_archiver"


def wait_until(server, statement: str) -> None:
    end = time.monotonic() + PATIENCE
    while server.ask(statement) != [(True,)]:
        assert time.monotonic() < end
        time.sleep(0.05)


def give_to_owner_of(former: os.stat_result, folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, former.st_uid, former.st_gid)


def test_what_was_written_after_the_moment_is_not_there(tmp_path):
    home, base = tmp_path / "postgres", tmp_path / "base"
    # On a real site on another machine; here beside the data, where the server's account gets to.
    (home / "archive").mkdir(parents=True)
    (home / "archive").chmod(0o777)
    keep_log = {
        "wal_level": "replica",
        "max_wal_senders": "2",
        "archive_mode": "on",
        "archive_command": "test ! -f ../archive/%f && cp %p ../archive/%f",
    }
    with own_server(home, **keep_log) as server:
        server.ask("CREATE TABLE act (what text)")
        program = find_programs() / "pg_basebackup"
        options = ["--checkpoint=fast", "--pgdata", base, "--dbname", server.url()]
        subprocess.run([program, *options], check=True, capture_output=True)
        server.ask("INSERT INTO act VALUES ('before')")
        ((moment,),) = server.ask("SELECT clock_timestamp()::text")
        server.ask("INSERT INTO act VALUES ('after')")
        ((wal,),) = server.ask("SELECT pg_walfile_name(pg_switch_wal())")
        wait_until(server, ARCHIVED.format(wal=wal))

    # The fire.
    owner = (home / "data").stat()
    shutil.rmtree(home / "data")
    base.rename(home / "data")
    (home / "data/recovery.signal").touch()
    give_to_owner_of(owner, home / "data")

    go_back = {
        "restore_command": "cp ../archive/%f %p",
        "recovery_target_time": moment,
        "recovery_target_action": "promote",
        "hot_standby": "off",  # so that the first connection meets a server that may write
    }
    with own_server(home, **keep_log, **go_back) as server:
        wait_until(server, "SELECT NOT pg_is_in_recovery()")
        assert server.ask("SELECT what FROM act") == [("before",)]
        server.ask("INSERT INTO act VALUES ('since')")
