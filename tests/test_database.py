"""What a committed test leaves behind for the next one: nothing."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.chain.checking import list_chain_findings
from config.lib.database_roles import has_two_roles
from hours.models import RequirementRule
from tests.database import flush_tables


@pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
@pytest.mark.django_db(transaction=True)
def test_a_flush_puts_rules_back_under_their_seal():
    before = list(RequirementRule.objects.order_by("pk").values())
    RequirementRule.objects.update(to_be_verified=True)
    RequirementRule.objects.filter(pk=before[0]["id"]).delete()
    assert list(RequirementRule.objects.order_by("pk").values()) != before

    flush_tables()

    assert list(RequirementRule.objects.order_by("pk").values()) == before
    assert list_chain_findings(at=timezone.now()) == []
