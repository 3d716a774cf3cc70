"""The first notice said less than is so of who may look up hours, and of the check of documents.

A new site publishes the text as it now is. Where people have read the former one, the text follows
as a new version, which they read anew; a site that has published a text of its own keeps it.
"""

from pathlib import Path

from django.db import migrations
from django.utils import timezone

from config.lib.periods import local_date

DATA = Path(__file__).resolve().parents[1] / "data"


def publish_anew(apps, schema_editor):
    notices = apps.get_model("accounts", "PrivacyNotice").objects
    text_chinese = (DATA / "privacy_notice_zh.txt").read_text(encoding="utf-8")
    latest = notices.order_by("-version").first()
    if latest is None or latest.version > 1 or latest.text_chinese == text_chinese:
        return
    notices.create(
        version=2,
        text_chinese=text_chinese,
        text_english=(DATA / "privacy_notice_en.txt").read_text(encoding="utf-8"),
        published_on=local_date(timezone.now()),
    )


def keep(apps, schema_editor):
    """What people have read stays published."""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0040_wrong_code_by_kind")]

    operations = [migrations.RunPython(publish_anew, keep)]
