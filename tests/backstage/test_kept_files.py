"""Evidence that the owner of a database deletes or exchanges is named, and never swept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.chain.checking import CHANGED, MISSING, UNEXPLAINED, list_chain_findings
from backstage.files import content_path, delete_file, store_file, sweep_files
from backstage.kept_files import KEPT_FILES, list_lost_files
from backstage.models import StoredFile
from config.lib.database_roles import as_owner, has_two_roles
from config.lib.encryption import encrypt_bytes
from hours.queries.ledger_check import list_findings
from studies.models import StudyFile
from tests import factories
from tests.chains import explained
from tests.evidence import study
from tests.factories import DAY, NOON

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set"),
]
LONG_AFTER = NOON + timedelta(days=10_000)


def keep(data: bytes) -> StoredFile:
    return store_file(
        data=data, name="照片.jpg", media_type="image/jpeg", owner=None, at=NOON, keep_days=None
    )


@pytest.fixture
def photos() -> list[StoredFile]:
    """Two photographs of a study, and the file of an export."""
    with explained():
        school = factories.make_school()
        branch = factories.make_organisation(school)
        member = factories.make_member(branch)
        held = study(branch, member, on=DAY, school=school)
        photos = [keep(b"one photograph"), keep(b"the other one.")]
        for photo in photos:
            StudyFile.objects.create(
                study=held, kind="photo", file=photo, added_at=NOON, added_by=held.recorded_by
            )
    store_file(data=b"rows", name="x.csv", media_type="text/csv", owner=held.recorded_by, at=NOON)
    return photos


@pytest.fixture
def owner(photos) -> Iterator[Callable[..., None]]:
    """Does statements as the owner, past all triggers."""

    def corrupt(*statements: str) -> None:
        with as_owner(), transaction.atomic(), connection.cursor() as cursor:
            for statement in ["SET LOCAL session_replication_role = replica", *statements]:
                cursor.execute(statement)

    yield corrupt
    # Constraints hold again before the tables are emptied.
    corrupt("DELETE FROM studies_studyfile", "DELETE FROM backstage_storedfile")


def named() -> dict[str, list[str]]:
    return {f.check: f.examples for f in list_chain_findings(at=timezone.now())}


def lost() -> list[int]:
    return [n for f in list_findings() if f.check == KEPT_FILES for n in f.examples]


def said() -> str:
    output = StringIO()
    with pytest.raises(CommandError, match="findings"):
        call_command("verify_files", stdout=output)
    return output.getvalue()


class TestAFileThatARowKeeps:
    def test_is_named_by_no_check_while_nobody_touches_it(self, photos):
        assert (named(), lost()) == ({}, [])
        call_command("verify_files", stdout=StringIO())

    def test_is_named_once_its_row_is_deleted_and_its_content_stays(self, owner, photos):
        gone = photos[0]
        owner(f"DELETE FROM backstage_storedfile WHERE id = {gone.pk}")

        assert named() == {MISSING: [f"backstage_storedfile {gone.pk}"]}
        assert lost() == [gone.pk]
        report = said()
        assert f"rows no act explains: backstage_storedfile {gone.pk}" in report
        assert f"belong to no row; the sweep leaves them: {gone.key}" in report
        sweep_files(at=LONG_AFTER)
        assert content_path(gone.key).exists()

    def test_is_named_once_it_is_exchanged_for_another(self, owner, photos):
        first, second = (photo.pk for photo in photos)
        owner(
            "ALTER TABLE backstage_storedfile DROP CONSTRAINT backstage_storedfile_key_key",
            "UPDATE backstage_storedfile f SET key = o.key FROM backstage_storedfile o"
            f" WHERE (f.id, o.id) IN (({first}, {second}), ({second}, {first}))",
            "ALTER TABLE backstage_storedfile ADD CONSTRAINT backstage_storedfile_key_key"
            " UNIQUE (key)",
        )
        assert named() == {CHANGED: [f"backstage_storedfile {p.pk}" for p in photos]}
        assert "no act explains" in said()

    def test_is_named_once_it_gets_a_last_day_and_is_not_swept(self, owner, photos):
        owner(
            f"UPDATE backstage_storedfile SET expires_at = created_at + interval '1 day'"
            f" WHERE id = {photos[0].pk}"
        )
        assert named() == {MISSING: [f"backstage_storedfile {photos[0].pk}"]}
        assert lost() == [photos[0].pk]
        assert sweep_files(at=LONG_AFTER) == 1  # the export
        assert content_path(photos[0].key).exists()

    def test_is_named_once_a_row_is_put_in_for_it(self, owner, photos):
        owner(
            "INSERT INTO backstage_storedfile (key, name, media_type, size, created_at, digest)"
            " SELECT gen_random_uuid(), name, media_type, size, created_at, digest"
            f" FROM backstage_storedfile WHERE id = {photos[0].pk}"
        )
        assert list(named()) == [UNEXPLAINED]

    def test_is_named_once_its_content_is_another_of_the_same_size(self, photos):
        other = b"THE PHOTOGRAPH"
        assert len(other) == photos[0].size
        content_path(photos[0].key).write_bytes(encrypt_bytes(other))

        assert photos[0].digest == sha256(b"one photograph").hexdigest()
        assert f"1 are not what was stored: {photos[0].key}" in said()
        assert named() == {}

    def test_goes_with_the_act_that_deletes_it(self, photos):
        with explained():
            StudyFile.objects.filter(file=photos[0]).delete()
            delete_file(photos[0])

        assert (named(), list_lost_files()) == ({}, [])


def test_a_file_that_expires_is_swept_without_an_act(photos):
    assert sweep_files(at=LONG_AFTER) == 1
    assert named() == {}
