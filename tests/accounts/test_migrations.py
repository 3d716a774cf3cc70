"""The privacy notice that a site began with is followed by the true one, and only that."""

from __future__ import annotations

import hashlib
from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import PrivacyNotice

pytestmark = pytest.mark.django_db

publish_anew = import_module("accounts.migrations.0041_true_notice").publish_anew
codes = import_module("accounts.migrations.0050_notice_of_codes")


def test_a_new_site_has_one_notice_which_tells_of_look_ups_and_checks():
    publish_anew(apps, None)

    notice = PrivacyNotice.objects.get()
    assert "谁查看过我的记录" in notice.text_chinese
    assert "核验页面" in notice.text_chinese
    assert "look up the hours" in notice.text_english


def test_a_site_with_the_former_text_publishes_a_version_to_be_read_anew():
    PrivacyNotice.objects.update(text_chinese="原文")
    publish_anew(apps, None)
    publish_anew(apps, None)

    assert [notice.version for notice in PrivacyNotice.objects.all()] == [2, 1]
    assert PrivacyNotice.objects.get(version=1).text_chinese == "原文"


def test_a_site_with_a_text_of_its_own_keeps_it():
    first = PrivacyNotice.objects.get()
    PrivacyNotice.objects.update(text_chinese="原文")
    PrivacyNotice.objects.create(
        version=2, text_chinese="本单位的告知", text_english="Own", published_on=first.published_on
    )
    publish_anew(apps, None)

    assert PrivacyNotice.objects.count() == 2


class TestTheNoticeOfCodes:
    """The text of today follows the one before it, and no other."""

    def publish_former(self, monkeypatch):
        text = "原文"
        monkeypatch.setattr(codes, "FORMER", hashlib.sha256(text.encode()).hexdigest())
        PrivacyNotice.objects.update(text_chinese=text)

    def test_is_what_a_new_site_begins_with(self):
        codes.publish_anew(apps, None)

        notice = PrivacyNotice.objects.get()
        assert "签到卡" in notice.text_chinese
        assert "rated a class" in notice.text_english

    def test_follows_the_former_one_once(self, monkeypatch):
        self.publish_former(monkeypatch)
        codes.publish_anew(apps, None)
        codes.publish_anew(apps, None)

        assert [notice.version for notice in PrivacyNotice.objects.all()] == [2, 1]

    def test_leaves_a_text_of_the_site_alone(self):
        PrivacyNotice.objects.update(text_chinese="本单位的告知")
        codes.publish_anew(apps, None)

        assert PrivacyNotice.objects.count() == 1
