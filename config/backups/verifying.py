"""Whether what was restored is what it should be: ledger, digests and files."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from accounts.audit import record_act
from accounts.enums import ActorChannel
from accounts.origin import Actor
from backstage.files import FilesCheck, check_files
from backstage.models import StoredFile
from config.backups.manifest import Manifest
from hours.actions.ledger_check import check_ledger
from hours.models import LedgerCheck
from instructors.models import IssuedLetter
from years.models import IssuedDocument


@dataclass(frozen=True)
class Verification:
    """Both checks of a restored portal; `known` files were lost before the backup was made."""

    ledger: LedgerCheck
    files: FilesCheck
    known: frozenset[str] = frozenset()

    @property
    def findings(self) -> int:
        """What is wrong now and was not before."""
        return self.ledger.findings + self.files.findings - len(self.known & {*self.files.missing})

    @property
    def problems(self) -> list[str]:
        """What is wrong, in words: a drill throws away what could be asked for more."""
        details, files = self.ledger.details, self.files
        numbers = {
            "audit entries do not fit their digests": len(details["broken_digests"]),
            "stored files are missing": len({*files.missing} - self.known),
            "stored files are not what was stored": len(files.broken),
            "rows of stored files are not explained by an act": len(files.unexplained),
        }
        return [
            *(f"'{found['check']}' fails for {found['count']}" for found in details["findings"]),
            *(f"{number} {what}" for what, number in numbers.items() if number),
        ]

    def __str__(self) -> str:
        checked = (
            f"{self.ledger.entries} entries, {self.ledger.details['audit_entries']} audit entries, "
            f"{self.files.checked} files"
        )
        if not self.findings:
            return f"{checked}: no findings"
        return f"{checked}: {self.findings} findings: {'; '.join(self.problems)}"


def verify_files() -> FilesCheck:
    """Check every stored file, documents and letters also by the digest of their row."""
    digests = {
        key: file_hash
        for papers in (IssuedDocument, IssuedLetter)
        for key, file_hash in papers.objects.values_list("file_id", "file_hash")
    }

    def fits(stored: StoredFile, data: bytes) -> bool:
        wanted = digests.get(stored.pk)
        return wanted is None or hmac.compare_digest(wanted, sha256(data).hexdigest())

    return check_files(fits)


@transaction.atomic
def verify_restored(name: str, manifest: Manifest, *, at: datetime) -> Verification:
    """Verify a restored portal and record in its trail from which backup it came."""
    by = Actor(None, ActorChannel.COMMAND)
    found = Verification(check_ledger(at=at, by=by), verify_files(), frozenset(manifest.missing))
    record_act(
        act="restore_backup",
        obj=found.ledger,
        by=by,
        at=at,
        after={"backup": name, "taken_at": manifest.taken_at, "version": manifest.version},
    )
    return found
