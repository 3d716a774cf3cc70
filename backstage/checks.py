"""Checks of the settings, run by `manage.py check` and `migrate`."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

from config.lib.log_targets import TargetError, target_of


def check_trail_feed(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django passes it
    **_: Any,
) -> list[CheckMessage]:
    """`TRAIL_FEED` names a target; whether that answers shows in the log and on the status page."""
    try:
        if settings.TRAIL_FEED:
            target_of(settings.TRAIL_FEED)
    except TargetError as error:
        return [Error(f"TRAIL_FEED={error}", id="backstage.E001")]
    return []
