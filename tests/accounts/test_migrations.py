"""The privacy notice that a site began with is followed by the true one, and only that."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import PrivacyNotice

pytestmark = pytest.mark.django_db

publish_anew = import_module("accounts.migrations.0041_true_notice").publish_anew


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
