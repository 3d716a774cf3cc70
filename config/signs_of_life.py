"""A worker's trace in the database, which the status page reads: a broker need not be asked."""

import logging
import time
from collections.abc import Callable

from django.db import Error, connection
from django.utils import timezone

from backstage.enums import RunOutcome
from backstage.operations import SIGN_OF_LIFE_SECONDS, WORKER, record_run

logger = logging.getLogger(__name__)


def give_signs_of_life(name: str, wait: Callable[[float], object] = time.sleep) -> None:
    """Leave a row every minute as long as the process lives. Runs in a thread of the worker."""
    while True:
        try:
            record_run(WORKER, started_at=timezone.now(), outcome=RunOutcome.OK, detail=name)
        except Error as error:
            logger.warning("The database is away: no sign of life (%s).", type(error).__name__)
        finally:
            connection.close()  # once a minute needs no connection of its own
        wait(SIGN_OF_LIFE_SECONDS)
