"""The rules of the year are compared with their texts and confirmed, each with its entry."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import today
from hours.models import RequirementRule
from hours.queries.rules import rules_step
from tests import factories
from tests.browsers import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[Role.SYSTEM_ADMINISTRATOR, Role.ORGANISATION_DEPARTMENT])
def client(request):
    user = factories.make_user()
    factories.grant(user, request.param)
    return browser_of(user)


def marked():
    return RequirementRule.objects.filter(period__contains=today(), to_be_verified=True)


def confirm(client, *keys, key=None):
    body = {"idempotency_key": key or str(uuid4()), "rules": keys}
    return client.post("/founding/rules/", body)


def test_every_rule_in_force_is_shown_with_its_source(client):
    page = client.get("/founding/rules/").content.decode()

    for rule in RequirementRule.objects.filter(period__contains=today()):
        assert rule.source in page


def test_the_mark_comes_off_with_an_entry_in_the_trail(client):
    rules = list(marked())
    assert not rules_step(today()).is_done

    assert confirm(client, *(rule.pk for rule in rules)).status_code == 302

    assert rules_step(today()).is_done
    entries = AuditEntry.objects.filter(act="change_record")
    assert {entry.object_id for entry in entries} == {str(rule.pk) for rule in rules}
    assert entries[0].after == {"to_be_verified": False}


def test_only_the_rules_that_were_compared_are_confirmed(client):
    first, *others = marked()
    confirm(client, first.pk)

    assert list(marked()) == others


def test_the_form_sent_twice_acts_once(client):
    key, rule = str(uuid4()), marked().first()
    confirm(client, rule.pk, key=key)
    confirm(client, rule.pk, key=key)

    assert AuditEntry.objects.filter(act="change_record").count() == 1


def test_a_rule_must_be_ticked(client):
    page = confirm(client)

    assert page.status_code == 422
    assert list(page.context["form"].errors) == ["rules"]
