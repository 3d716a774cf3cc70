"""The notice says that there are codes and cards for the door, and that giving a rating is recorded.

A new site publishes the text as it now is. Where the former text is the last one published, the new
one follows as a version, which people read anew; a site with a text of its own keeps it.
"""

import hashlib
from pathlib import Path

from django.db import migrations
from django.utils import timezone

from config.lib.periods import local_date

DATA = Path(__file__).resolve().parents[1] / "data"
# SHA-256 of the Chinese text that this one follows.
FORMER = "5050ed910ba28c988843e201df477a5603b57a95e611578dcc41ee7caece50a1"


def publish_anew(apps, schema_editor):
    notices = apps.get_model("accounts", "PrivacyNotice").objects
    latest = notices.order_by("-version").first()
    if latest is None or hashlib.sha256(latest.text_chinese.encode()).hexdigest() != FORMER:
        return
    notices.create(
        version=latest.version + 1,
        text_chinese=(DATA / "privacy_notice_zh.txt").read_text(encoding="utf-8"),
        text_english=(DATA / "privacy_notice_en.txt").read_text(encoding="utf-8"),
        published_on=local_date(timezone.now()),
    )


def keep(apps, schema_editor):
    """What people have read stays published."""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0041_true_notice")]

    operations = [migrations.RunPython(publish_anew, keep)]
