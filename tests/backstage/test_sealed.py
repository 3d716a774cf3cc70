"""Everything moves under the newest key, and nothing misses the old one afterwards."""

from __future__ import annotations

import base64
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.activation import issue_codes
from accounts.models import ActivationCode, AuditEntry
from backstage import sealed
from backstage.exports import _query
from backstage.files import content_path, read_file, store_file
from backstage.jobs import order_job
from backstage.models import Job, StoredFile
from backstage.sealed import count_versions, sealed_columns
from config.lib.append_only import append_only_models
from config.lib.encryption import decrypt, encrypt
from rolls.actions.cards import issue_cards
from rolls.models import MemberCard
from tests.chains import explained
from tests.factories import NOON, acting, make_clerk, make_user
from tests.trainees.actions.test_register import Office, resident_id
from trainees.models import Member

pytestmark = pytest.mark.django_db(transaction=True)

NEW = f"v2:{base64.b64encode(bytes(range(32))).decode()}"


class Site:
    """A portal with one of everything that lies encrypted."""

    def __init__(self) -> None:
        self.office = Office()
        self.member = self.office.member("甲", 1)
        self.clerk = make_clerk(self.office.school)
        self.newcomer = make_user("10100001", has_read=False)
        issue_codes(users=[self.newcomer], key=uuid4(), by=acting(self.clerk), at=NOON)
        issue_cards(member_ids=[self.member.pk], key=uuid4(), by=acting(self.clerk), at=NOON)
        self.staged = self.office.upload(self.office.row("乙", 3))
        self.file = store_file(
            data=b"photograph", name="a.png", media_type="image/png", owner=None, at=NOON
        )
        with transaction.atomic():
            self.job = order_job(
                kind="backstage.export",
                arguments={"list": "x", "query": {}, "encrypted": encrypt('{"q": "甲"}')},
                by=acting(self.clerk),
                at=NOON,
            )


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setattr("backstage.jobs.enqueue", lambda *_: None)
    with explained():
        return Site()


def reseal() -> str:
    output = StringIO()
    call_command("reseal", stdout=output)
    return output.getvalue()


def versions() -> set[str]:
    return {version for counts in count_versions().values() for version in counts}


def old_key(settings) -> str:
    return settings.ENCRYPTION_KEYS[-1].partition(":")[2]


def test_once_it_is_resealed_the_old_key_may_go(site, settings):
    assert versions() == {"dev"}
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]

    said = reseal()

    assert versions() == {"v2"}
    assert "trainees_member.resident_id_encrypted: 1\n" in said
    assert "dev: keys look-up hashes and the digests of the trail, which cannot change" in said

    settings.DIGEST_KEY = old_key(settings)
    settings.ENCRYPTION_KEYS = [NEW]
    assert "0 moved" in reseal()
    member = Member.objects.get(pk=site.member.pk)
    assert decrypt(member.resident_id_encrypted) == resident_id(1)
    assert read_file(StoredFile.objects.get(pk=site.file.pk)) == b"photograph"
    assert decrypt(ActivationCode.objects.get().code_encrypted)
    assert decrypt(MemberCard.objects.get().code_encrypted)
    assert _query(Job.objects.get(pk=site.job.pk)) == {"q": "甲"}
    # The staged row is applied; the member is found by the ID number in another register.
    site.office.apply(site.staged)
    again = site.office.upload(site.office.row("乙丙", 3), site.office.row("甲", 1))
    assert set(again.rows.values_list("kind", flat=True)) <= {"changed", "unchanged"}
    assert Member.objects.count() == 2
    for command in ("verify_ledger", "verify_files"):
        call_command(command, stdout=StringIO())


def test_says_that_nothing_needs_the_old_key_where_digests_have_their_own(site, settings):
    settings.DIGEST_KEY = old_key(settings)
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]

    lines = reseal().splitlines()

    assert "v2: encrypts" in lines
    assert "dev: needed by backups made until now, and by nothing else" in lines[-1]


def test_stands_in_the_trail_batch_by_batch(site, settings):
    for serial in (5, 7):
        site.office.member("丁", serial)
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    reseal()

    entries = AuditEntry.objects.filter(act="reseal", object_type="trainees.member")
    assert [entry.after for entry in entries] == [{"resealed": 3, "key_version": "v2"}]
    assert set(AuditEntry.objects.filter(act="reseal").values_list("channel", flat=True)) == {
        "command"
    }


def test_goes_on_where_it_broke_off(site, settings, monkeypatch):
    members = [site.member, *(site.office.member("丁", serial) for serial in (5, 7))]
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    monkeypatch.setattr(sealed, "_ROWS_AT_ONCE", 1)
    work, calls = sealed._reseal_column, []

    def break_off(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return work(*arguments)

    monkeypatch.setattr(sealed, "_reseal_column", break_off)
    with pytest.raises(KeyboardInterrupt):
        reseal()
    entries = AuditEntry.objects.filter(act="reseal").count()
    assert entries == 2
    monkeypatch.undo()
    reseal()

    assert versions() == {"v2"}
    assert [decrypt(Member.objects.get(pk=m.pk).resident_id_encrypted) for m in members] == [
        resident_id(serial) for serial in (1, 5, 7)
    ]


def test_what_is_deleted_meanwhile_does_not_come_back(site, settings):
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    keys = [site.file.key]
    path = content_path(site.file.key)
    StoredFile.objects.filter(pk=site.file.pk).delete()
    path.unlink()

    with transaction.atomic():
        assert sealed.reseal_files(keys) == 0
    assert not path.exists()


def test_a_lost_file_does_not_stop_it(site, settings):
    content_path(site.file.key).unlink()
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    reseal()

    assert versions() == {"v2"}


def test_a_key_that_is_missing_is_told(site, settings):
    settings.DIGEST_KEY = old_key(settings)
    settings.ENCRYPTION_KEYS = [NEW]

    with pytest.raises(CommandError, match="needs the key dev, which ENCRYPTION_KEYS lacks"):
        reseal()


def test_columns_are_found_by_their_name_and_may_change():
    found = {(model._meta.label_lower, name) for model, name in sealed_columns()}

    assert found == {
        ("accounts.activationcode", "code_encrypted"),
        ("accounts.secondfactor", "secret_encrypted"),
        ("rolls.membercard", "code_encrypted"),
        ("trainees.member", "resident_id_encrypted"),
        ("trainees.registerrow", "resident_id_encrypted"),
    }
    assert not {model for model, _name in sealed_columns()} & {*append_only_models()}
