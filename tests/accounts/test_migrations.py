"""What a new site begins with."""

from __future__ import annotations

import pytest

from accounts.models import PrivacyNotice


@pytest.mark.django_db
def test_a_new_site_has_one_notice_which_tells_of_look_ups_checks_codes_and_ratings():
    notice = PrivacyNotice.objects.get()

    assert notice.version == 1
    for phrase in ("谁查看过我的记录", "核验页面", "签到卡"):
        assert phrase in notice.text_chinese
    for phrase in ("look up the hours", "rated a class"):
        assert phrase in notice.text_english
