"""The trail in the administration: what its filters understand."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.enums import Role
from tests.admin_pages import make_officer, signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("asked", [{"to": "9999-12-31"}, {"from": "0001-01-01"}])
def test_a_day_out_of_reach_narrows_nothing(asked):
    auditor = signed_in(make_officer(Role.AUDIT_ADMINISTRATOR))

    page = auditor.get(reverse("accounts:trail"), asked)

    assert page.status_code == 200
