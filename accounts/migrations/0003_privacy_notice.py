"""The first privacy notice (Personal Information Protection Law, art. 17)."""

from datetime import date
from pathlib import Path

from django.db import migrations

DATA = Path(__file__).resolve().parents[1] / "data"


def publish(apps, schema_editor):
    apps.get_model("accounts", "PrivacyNotice").objects.create(
        version=1,
        text_chinese=(DATA / "privacy_notice_zh.txt").read_text(encoding="utf-8"),
        text_english=(DATA / "privacy_notice_en.txt").read_text(encoding="utf-8"),
        published_on=date(2026, 1, 1),
    )


def withdraw(apps, schema_editor):
    """Also what a site has published since. Refused once somebody has read one of them."""
    apps.get_model("accounts", "PrivacyNotice").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_guards")]

    operations = [migrations.RunPython(publish, withdraw)]
