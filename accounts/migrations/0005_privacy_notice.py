"""The first privacy notice (Personal Information Protection Law, art. 17), and its readings."""

from datetime import date
from pathlib import Path

from django.db import migrations

from config.lib.append_only import ForbidChanges

DATA = Path(__file__).resolve().parents[1] / "data"


def publish_first(apps, schema_editor):
    apps.get_model("accounts", "PrivacyNotice").objects.create(
        version=1,
        text_chinese=(DATA / "privacy_notice_zh.txt").read_text(encoding="utf-8"),
        text_english=(DATA / "privacy_notice_en.txt").read_text(encoding="utf-8"),
        published_on=date(2026, 1, 1),
    )


def withdraw_first(apps, schema_editor):
    """The table goes next; what a site has published since goes with it."""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_activation")]

    operations = [
        ForbidChanges("accounts_noticereading"),
        migrations.RunPython(publish_first, withdraw_first),
    ]
