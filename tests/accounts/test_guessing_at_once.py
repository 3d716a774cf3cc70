"""Guesses at the same time: on real connections."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.activation import WRONG_CODES_PER_ADDRESS, ActivationError, try_code
from accounts.models import Guess, WrongCode
from tests import factories
from tests.connections import together

pytestmark = pytest.mark.django_db(transaction=True)
SIGN_IN = reverse("accounts:sign_in")


def sign_in(name: str) -> int:
    return Client().post(SIGN_IN, {"username": name, "password": "guess"}).status_code


def test_twenty_guesses_at_one_name_are_twenty_of_which_five_are_checked():
    factories.make_user("wang.fang")

    answers = together(*[lambda: sign_in("wang.fang")] * 20)

    assert sorted(answers) == [200] * 5 + [429] * 15
    assert Guess.objects.count() == 5


def test_guesses_at_many_names_from_one_network_are_counted_one_by_one(settings):
    settings.NETWORK_GUESSES = 4

    answers = together(*[lambda name=f"name{number}": sign_in(name) for number in range(12)])

    assert sorted(answers) == [200] * 4 + [429] * 8


def test_wrong_codes_of_slips_are_counted_one_by_one():
    now = timezone.now()
    left = 3
    WrongCode.objects.bulk_create(
        WrongCode(address="198.51.100.7", at=now) for _ in range(WRONG_CODES_PER_ADDRESS - left)
    )

    def guess() -> bool:
        try:
            try_code(name="nobody", code="A" * 10, address="198.51.100.7", at=now)
        except ActivationError:
            return False
        return True

    assert together(*[guess] * 12).count(True) == left
