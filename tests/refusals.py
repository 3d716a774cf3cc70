"""Expecting an error from an action in a test that continues afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction


@contextmanager
def refused(
    error: type[Exception], match: str | None = None
) -> Iterator[pytest.ExceptionInfo[Exception]]:
    """Expect `error` from the block, and roll back its writes as the caller's transaction would."""
    with pytest.raises(error, match=match) as caught, transaction.atomic():
        yield caught
