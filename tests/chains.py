"""Rows that a test makes without an act, such as those of factories, explained in the chain."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from accounts.chain.signing import sign_written_rows
from accounts.enums import SignedActKind


@contextmanager
def explained() -> Iterator[None]:
    """A transaction whose rows are signed, as if they had been taken stock of."""
    with transaction.atomic():
        yield
        sign_written_rows(SignedActKind.STOCK)
