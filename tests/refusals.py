"""Expecting an action to refuse, inside a test that goes on afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction


@contextmanager
def refused(
    error: type[Exception], match: str | None = None
) -> Iterator[pytest.ExceptionInfo[Exception]]:
    """The block raises `error`; what it wrote is rolled back, as its caller's transaction would."""
    with pytest.raises(error, match=match) as caught, transaction.atomic():
        yield caught
