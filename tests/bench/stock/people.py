"""`python -m tests.bench.stock.people PORT COUNT`: creates signed-in users of the stock project.

Each has as many records as the page shows, and a session like that of a sign-in. Prints their
requests for the page, one after another, for `tests.bench.load`.
"""

import os
import sys
from datetime import date, timedelta
from decimal import Decimal

import django

from tests.bench.stock import ROWS


def make_people(port: int, count: int) -> list[bytes]:
    """Create `count` users; returns their requests."""
    # Models need the settings.
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User
    from django.urls import reverse

    from tests.bench.sessions import open_sessions, signed_in_request
    from tests.bench.stock.models import Record

    password = make_password(None)
    users = User.objects.bulk_create(
        User(username=f"person.{number:05}", password=password) for number in range(count)
    )
    Record.objects.bulk_create(
        (
            Record(
                user=user,
                title=f"Training course {place + 1}",
                day=date(2026, 1, 1) + timedelta(days=7 * place),
                hours=Decimal(3),
            )
            for user in users
            for place in range(ROWS)
        ),
        batch_size=5_000,
    )
    path = reverse("own_records")
    return [signed_in_request(port, key, path) for key in open_sessions(users)]


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.stock.settings"
    django.setup()
    sys.stdout.buffer.write(b"".join(make_people(int(sys.argv[1]), int(sys.argv[2]))))
