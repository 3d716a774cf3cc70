from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.chain.sealing import set_heads_aside


class Command(BaseCommand):
    """Set the file of heads aside after PostgreSQL was put back to a moment, and begin another."""

    help = "Begin a new file of heads with the newest seal; the former stays beside it."

    def handle(self, *args: Any, **options: Any) -> None:
        last = set_heads_aside(timezone.now())
        after = f"after seal {last.number}" if last else "with seal 1"
        self.stdout.write(f"The heads begin anew {after}.")
