"""A code is used and replaced at the same time: on real connections."""

from contextlib import suppress
from uuid import uuid4

import pytest

from accounts.activation import ActivationError, activate_account, issue_codes
from accounts.models import ActivationCode, PrivacyNotice
from tests import factories
from tests.connections import together
from tests.factories import NOON

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_code_that_is_replaced_while_it_is_used_makes_no_deadlock():
    by = factories.acting(factories.make_user())
    user, notice = factories.make_user(has_read=False), PrivacyNotice.objects.get(version=1)

    def issue():
        return issue_codes(users=[user], key=uuid4(), by=by, at=NOON)

    def use(code):
        with suppress(ActivationError):
            activate_account(
                code_id=code.pk,
                new_password="another staple 7",
                notice=notice,
                by=factories.acting(user),
                at=NOON,
            )

    for _ in range(20):
        issue()
        code = ActivationCode.objects.get(user=user, ended_at=None)
        together(lambda code=code: use(code), issue)

    assert ActivationCode.objects.filter(user=user, ended_at=None).count() == 1
