from collections import defaultdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.enums import ActorChannel
from accounts.origin import Actor
from backstage.sealed import count_versions, reseal
from config.lib.encryption import newest_version


class Command(BaseCommand):
    """Encrypt everything with the newest key, and tell which older keys may go."""

    help = "Move everything encrypted under the newest of ENCRYPTION_KEYS; may be run again."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Moving everything under the key {newest_version()} …")
        try:
            moved = reseal(
                by=Actor(None, ActorChannel.COMMAND),
                clock=timezone.now,
                report=lambda what, count: self.stdout.write(f"  {what}: {count}"),
            )
        except KeyError as error:
            version = error.args[0]
            raise CommandError(
                f"Something needs the key {version}, which ENCRYPTION_KEYS lacks: add it."
            ) from error
        self.stdout.write(f"{moved.total()} moved")
        self._tell_keys()

    def _tell_keys(self) -> None:
        needed: dict[str, list[str]] = defaultdict(list)
        for what, counts in count_versions().items():
            for version, count in counts.items():
                needed[version].append(f"{what} ({count})")
        versions = [line.partition(":")[0] for line in settings.ENCRYPTION_KEYS]
        for version in [*versions, *sorted(needed.keys() - {*versions})]:
            self.stdout.write(f"{version}: {self._tell(version, needed, versions)}")

    def _tell(self, version: str, needed: dict[str, list[str]], versions: list[str]) -> str:
        if version == newest_version():
            return "encrypts"
        if version in needed:
            return f"still needed by {', '.join(needed[version])}"
        if version == versions[-1] and not settings.DIGEST_KEY:
            return (
                "keys look-up hashes and the digests of the trail, which cannot change: set "
                "DIGEST_KEY to what stands after its colon, then it may leave ENCRYPTION_KEYS"
            )
        return "needed by backups made until now, and by nothing else: may leave ENCRYPTION_KEYS"
