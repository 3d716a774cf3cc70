"""Rows that a test makes without an act, such as those of factories, explained in the chain."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from accounts.chain.signing import connection_of_this_thread, sign_written_rows
from accounts.enums import SignedActKind


@contextmanager
def explained() -> Iterator[None]:
    """A transaction whose rows are signed, as if they had been taken stock of."""
    with transaction.atomic():
        yield
        sign_written_rows(SignedActKind.STOCK)


def as_committed() -> None:
    """Do what a commit does for the chain, in a test whose acts share one transaction.

    An act that called `record_act` is signed; rows of any other stay without a signature.
    """
    here = connection_of_this_thread()
    step, here.before_commit = here.before_commit, None
    if step is not None:
        step()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('xuetang.act', '', true)")
