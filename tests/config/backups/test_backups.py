"""Backups: whole or not there at all, without keys, and restored without a finding."""

from __future__ import annotations

import base64
import json
import logging
import os
import shutil
import subprocess
from io import StringIO
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import AuditEntry
from backstage.files import content_path, delete_file, store_file, sweep_files
from backstage.models import StoredFile
from config.backups import making, programs
from config.backups.errors import BackupError
from config.backups.manifest import DUMP, MANIFEST, list_backups, read_manifest
from config.backups.programs import find_program
from config.lib.database_roles import as_owner, has_two_roles
from config.lib.lock_classes import LockClass
from tests import factories
from tests.chains import explained
from tests.factories import NOON, StudyWorld

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: object) -> str:
    output = StringIO()
    call_command(*map(str, arguments), stdout=output)
    return output.getvalue()


def keep(data: bytes = b"evidence", **how) -> StoredFile:
    how = {"name": "a.pdf", "media_type": "application/pdf", "owner": None, "at": NOON} | how
    with explained():
        return store_file(data=data, keep_days=None, **how)


def let_go(stored: StoredFile) -> None:
    with explained():
        delete_file(stored)


@pytest.fixture
def world():
    """A branch with approved study, its photograph, hours, and a trail."""
    with explained():
        world = StudyWorld(two_steps=False)
    study = world.record()
    world.submit(study)
    world.review(study, world.clerk)
    return world


@pytest.fixture
def made(world, tmp_path: Path) -> Path:
    run("backup", tmp_path / "first")
    return tmp_path / "first"


def damage(folder: Path, **changes) -> None:
    values = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(values | changes))


class TestMaking:
    def test_holds_database_files_and_a_manifest_of_both(self, world, made):
        manifest = read_manifest(made)

        names = {str(path.relative_to(made)) for path in made.rglob("*") if path.is_file()}
        assert names == {MANIFEST, *manifest.entries}
        assert {f"files/{key}" for key in StoredFile.objects.values_list("key", flat=True)} < names
        assert set(manifest.keys) == {"dev"}
        assert manifest.migrations.keys() >= {"accounts", "years", "schools"}
        assert "are as they were written" in run("verify_backup", made)

    def test_holds_no_key(self, made):
        raw = base64.b64decode(settings.ENCRYPTION_KEYS[0].partition(":")[2])
        secrets = [raw, raw.hex().encode(), base64.b64encode(raw), settings.SECRET_KEY.encode()]
        unpacked = subprocess.run(
            [find_program("pg_restore", release=release()), "--file=-", made / DUMP],
            capture_output=True,
            check=True,
        ).stdout
        contents = [path.read_bytes() for path in made.rglob("*") if path.is_file()]

        assert b"trainees_member" in unpacked
        assert not any(secret in data for secret in secrets for data in [*contents, unpacked])

    def test_refuses_a_folder_that_is_there_or_whose_place_is_not(self, made, tmp_path):
        for folder, why in ((made, "is there already"), (tmp_path / "no" / "x", "There is no")):
            with pytest.raises(CommandError, match=why):
                run("backup", folder)

    def test_refuses_a_small_disk_before_it_writes(self, world, tmp_path, monkeypatch):
        usage = shutil.disk_usage(tmp_path)._replace(free=100_000)
        monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)

        with pytest.raises(CommandError, match="has 0 MiB left; the backup may take"):
            run("backup", tmp_path / "first")
        assert list(tmp_path.iterdir()) == []

    def test_leaves_nothing_behind_when_it_breaks_off(self, world, tmp_path, monkeypatch):
        def fail(*arguments):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(making, "_copy_files", fail)
        with pytest.raises(CommandError, match="cannot be written: No space left on device"):
            run("backup", tmp_path / "first")
        assert list(tmp_path.iterdir()) == []

    def test_takes_no_room_twice_for_content_that_the_former_one_has(self, world, made, tmp_path):
        new = keep()
        run("backup", tmp_path / "second")

        links = {path.name: path.stat().st_nlink for path in (tmp_path / "second/files").iterdir()}
        assert links.pop(str(new.key)) == 1
        assert set(links.values()) == {2}

    def test_says_which_content_is_lost_and_goes_on(self, world, tmp_path, caplog):
        content_path(keep().key).unlink()

        assert "1 stored files are lost" in run("backup", tmp_path / "first")
        assert len(read_manifest(tmp_path / "first").missing) == 1
        lines = [line for line in caplog.records if line.name == "config.backups.making"]
        assert [line.levelname for line in lines] == ["ERROR"]

    def test_records_each_run(self, world, tmp_path, caplog):
        caplog.set_level(logging.INFO)
        run("backup", tmp_path / "first")
        with pytest.raises(CommandError):
            run("backup", tmp_path / "first")

        lines = [r for r in caplog.records if r.name == "config.backups.runs"]
        assert [line.levelname for line in lines] == ["INFO", "ERROR"]

    def test_by_default_goes_to_the_folder_of_the_site(self, world, tmp_path, settings):
        settings.BACKUP_DIR = ""
        with pytest.raises(CommandError, match="set BACKUP_DIR"):
            run("backup")
        settings.BACKUP_DIR = str(tmp_path)
        run("backup")

        assert len(list_backups(tmp_path)) == 1


class TestConsistency:
    """What people do while the backup runs does not tear database and files apart."""

    @pytest.fixture
    def in_the_middle(self, monkeypatch):
        """Calls a function between the dump's snapshot and the copying of files."""
        calls = []
        copy = making._copy_files

        def copy_after_them(*arguments):
            def act():
                for call in calls:
                    call()
                connection.close()

            thread = Thread(target=act)
            thread.start()
            thread.join()
            return copy(*arguments)

        monkeypatch.setattr(making, "_copy_files", copy_after_them)
        return calls

    def test_content_of_rows_deleted_meanwhile_is_kept_for_it(self, tmp_path, in_the_middle):
        kept, new = keep(), []
        in_the_middle += [lambda: let_go(kept), lambda: new.append(keep(b"later"))]
        path = content_path(kept.key)
        run("backup", tmp_path / "first")

        assert read_manifest(tmp_path / "first").entries.keys() == {DUMP, f"files/{path.name}"}
        assert path.exists()
        moment = NOON.timestamp()
        os.utime(path, (moment, moment))
        sweep_files(at=NOON.replace(year=NOON.year + 1))
        assert not path.exists()
        assert content_path(new[0].key).exists()

    def test_waits_for_whoever_deletes(self, tmp_path):
        holds, may_end = Event(), Event()

        def delete():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_lock_shared(%s, %s)", [LockClass.STORED_FILES, 0]
                )
                holds.set()
                may_end.wait(30)
            connection.close()

        other = Thread(target=delete)
        other.start()
        holds.wait(30)
        waiter = Thread(target=lambda: (run("backup", tmp_path / "first"), connection.close()))
        waiter.start()
        waiter.join(0.5)
        assert not (tmp_path / "first").exists()
        may_end.set()
        waiter.join(60)
        other.join()
        assert (tmp_path / "first").exists()


class TestRestoring:
    @pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
    def test_into_an_empty_server_verifies_without_a_finding(
        self, world, made, other_server, tmp_path
    ):
        """Fault 15."""
        entries = AuditEntry.objects.count()
        var = tmp_path / "after the fire"
        done = other_server.manage("restore", str(made), var=var)

        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1].endswith("files: no findings")
        assert other_server.ask("SELECT count(*) FROM accounts_auditentry WHERE digest <> ''") == [
            (entries + 2,)  # of the check and of the restoring
        ]
        rights = other_server.ask(
            "SELECT has_table_privilege('xuetang_app', 'accounts_auditentry', 'INSERT'),"
            "       has_table_privilege('xuetang_app', 'accounts_auditentry', 'UPDATE'),"
            "       has_table_privilege('xuetang_app', 'trainees_member', 'UPDATE')"
        )
        assert rights == [(True, False, True)]

    def test_refuses_a_database_with_tables(self, made):
        with pytest.raises(CommandError, match="tables: a backup is restored into an empty one"):
            run("restore", made)

    def test_refuses_a_folder_with_files(self, made, monkeypatch):
        monkeypatch.setattr("config.backups.restoring._OWN_TABLES", "SELECT 0")

        with pytest.raises(CommandError, match="is not empty: move it away"):
            run("restore", made)

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"format": 99}, "a backup of another format"),
            ({"migrations": {"years": "0999_later"}}, "has the migration years.0999_later"),
            ({"keys": {"v7": "0" * 16}}, "needs the key v7: add it to ENCRYPTION_KEYS"),
            ({"keys": {"dev": "0" * 16}}, "key dev in ENCRYPTION_KEYS is not that of the backup"),
            ({"digest_key": "0" * 16}, "key of look-up hashes and digests is not that"),
            ({"entries": {}}, "does not belong here"),
        ],
    )
    def test_checks_the_manifest_before_anything_else(self, made, changes, why):
        damage(made, **changes)

        for command in ("restore", "verify_backup"):
            with pytest.raises(CommandError, match=why):
                run(command, made)

    def test_refuses_what_was_changed_or_lost(self, made):
        (photo,) = (made / "files").iterdir()
        photo.write_bytes(photo.read_bytes()[:-1] + b"x")
        with pytest.raises(CommandError, match="was changed"):
            run("restore", made)
        photo.unlink()
        with pytest.raises(CommandError, match="is missing"):
            run("verify_backup", made)

    def test_refuses_what_is_no_backup(self, tmp_path):
        with pytest.raises(CommandError, match="is no backup"):
            run("restore", tmp_path)


class TestTheDrill:
    @pytest.fixture(autouse=True)
    def _folder(self, settings, tmp_path):
        settings.BACKUP_DIR = str(tmp_path)
        settings.VAR_DIR = tmp_path / "var"

    def databases(self) -> list[str]:
        with connection.cursor() as cursor:
            own = f"{connection.settings_dict['NAME']}_drill"  # others run their drills beside
            cursor.execute("SELECT datname FROM pg_database WHERE datname = %s", [own])
            return [name for (name,) in cursor.fetchall()]

    def test_restores_the_newest_beside_and_leaves_nothing(self, world, made, tmp_path, caplog):
        caplog.set_level(logging.INFO)
        run("backup")
        newest = list_backups(tmp_path)[0]

        said = run("restore_drill")

        assert said.startswith(newest.name)
        assert said.endswith("no findings\n")
        assert [r.levelname for r in caplog.records if "restore_drill" in r.message] == ["INFO"]
        assert self.databases() == []
        assert list((tmp_path / "var").iterdir()) == []

    def test_says_what_is_wrong_since_nothing_is_left_to_ask(self, world, tmp_path):
        """Of a portal that was wrong before its backup."""
        factories.make_user()  # by nobody's act
        changed = content_path(keep().key)
        changed.write_bytes(changed.read_bytes()[:-1] + b"x")
        run("backup")

        with pytest.raises(CommandError) as failure:
            run("restore_drill")
        assert "'no row is there without an act' fails for " in str(failure.value)
        assert "; 1 stored files are not what was stored" in str(failure.value)

    def test_of_a_damaged_backup_fails_and_is_recorded(self, made, caplog):
        (made / DUMP).write_bytes(b"nothing")

        with pytest.raises(CommandError, match=r"first: .*database.dump was changed"):
            run("restore_drill", made)
        assert [r.levelname for r in caplog.records if "restore_drill" in r.message] == ["ERROR"]
        assert self.databases() == []

    def test_wants_a_backup(self):
        with pytest.raises(CommandError, match="There is no backup in"):
            run("restore_drill")


class TestVerifyingFiles:
    def test_tells_lost_changed_and_strange_content(self, tmp_path):
        kept, lost, broken, cut = keep(), keep(), keep(), keep()
        content_path(lost.key).unlink()
        content_path(broken.key).write_bytes(content_path(broken.key).read_bytes()[:-1] + b"x")
        # Another's content decrypts, but is not what the row says.
        other = keep(b"something longer")
        content_path(cut.key).write_bytes(content_path(other.key).read_bytes())
        stranger = content_path(uuid4())
        stranger.write_bytes(b"x")
        output = StringIO()

        with pytest.raises(CommandError, match="3 findings"):
            call_command("verify_files", stdout=output)
        said = output.getvalue()
        assert f"1 are missing: {lost.key}" in said
        assert "2 are not what was stored" in said
        assert f"belong to no row; the sweep removes them: {stranger.name}" in said
        assert str(kept.key) not in said

    def test_is_content_with_strangers_alone(self):
        keep()
        content_path(uuid4()).write_bytes(b"x")

        assert run("verify_files").endswith("no findings\n")


class TestPrograms:
    @pytest.fixture
    def installed(self, tmp_path, monkeypatch):
        """Puts a pg_dump of each release in a folder of its own."""

        def install(*releases: int) -> None:
            for release in releases:
                program = tmp_path / str(release) / "pg_dump"
                program.parent.mkdir()
                program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {release}.1 (Debian)'\n")
                program.chmod(0o755)
            found = [tmp_path / str(release) / "pg_dump" for release in releases]
            monkeypatch.setattr(programs, "_candidates", lambda name: found)

        return install

    def test_are_of_the_servers_release_or_the_next_later(self, installed):
        installed(15, 18, 17)

        assert find_program("pg_dump", release=17).parent.name == "17"
        assert find_program("pg_dump", release=16).parent.name == "17"

    def test_that_are_older_than_the_server_are_refused(self, installed):
        installed(15)

        with pytest.raises(BackupError, match=r"18 or later is needed \(found: 15\): install the"):
            find_program("pg_dump", release=18)


def release() -> int:
    with as_owner() as owner:
        return owner.get_database_version()[0]
