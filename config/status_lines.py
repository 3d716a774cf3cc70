"""What the status page says of the installed version and of the broker."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from backstage.status import Health, StatusLine
from config.celery import broker_state
from config.health import migrations_state


def version_lines(_now: datetime) -> list[StatusLine]:
    """The version, and whether the database belongs to it."""
    label, version = _("Version"), settings.VERSION
    if migrations_state() == "ok":
        return [StatusLine(label, Health.WELL, version)]
    seen = _("%(version)s; the database is that of another version.") % {"version": version}
    return [StatusLine(label, Health.WRONG, seen, _("Run: manage.py migrate."))]


def broker_lines(_now: datetime) -> list[StatusLine]:
    """Whether jobs reach the workers at once."""
    label = _("Broker")
    if broker_state() == "ok":
        return [StatusLine(label, Health.WELL, _("It answers."))]
    seen = _("It does not answer.")
    advice = _("Start Redis, or see whether var/broker can be written. Jobs wait and are not lost.")
    return [StatusLine(label, Health.WRONG, seen, advice)]
