"""Signed acts are sealed in order, and the heads leave the database."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Event

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.audit import record_act
from accounts.chain.sealing import (
    Head,
    list_heads,
    merkle_root,
    seal_acts,
    set_heads_aside,
)
from accounts.models import Seal, SignedAct
from tests import factories
from tests.connections import together

LEAVES = st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), min_size=1, max_size=40)


class TestTheRoot:
    def test_of_one_leaf_is_its_hash(self):
        leaf = "ab" * 32
        assert merkle_root([leaf]) == hashlib.sha256(b"\0" + bytes.fromhex(leaf)).hexdigest()

    def test_of_three_leaves_joins_two_and_lifts_the_third(self):
        first, second, third = (hashlib.sha256(b"\0" + bytes([n]) * 32).digest() for n in (1, 2, 3))
        pair = hashlib.sha256(b"\1" + first + second).digest()
        root = hashlib.sha256(b"\1" + pair + third).hexdigest()

        assert merkle_root([bytes([n] * 32).hex() for n in (1, 2, 3)]) == root

    @given(LEAVES, st.data())
    def test_changes_with_every_leaf_and_with_their_order(self, leaves, data):
        place = data.draw(st.integers(0, len(leaves) - 1))
        other = leaves.copy()
        other[place] = hashlib.sha256(bytes.fromhex(leaves[place])).hexdigest()

        assert merkle_root(other) != merkle_root(leaves)
        assert merkle_root([*leaves, leaves[-1]]) != merkle_root(leaves)
        if leaves != leaves[::-1]:
            assert merkle_root(leaves[::-1]) != merkle_root(leaves)


def act() -> None:
    with transaction.atomic():
        user = factories.make_user()
        record_act(act="found", obj=user, by=factories.acting(user))


def sealed() -> list[int]:
    return sorted(number for seal in Seal.objects.all() for number in seal.acts)


@pytest.mark.django_db(transaction=True)
class TestSealing:
    def test_takes_each_act_once_in_seals_that_follow_one_another(self):
        act()
        assert seal_acts(at=timezone.now()) == 1
        assert seal_acts(at=timezone.now()) == 0
        act()
        act()
        assert seal_acts(at=timezone.now()) == 2

        second, first = Seal.objects.filter(number__gt=1)
        assert (second.number, second.previous) == (first.number + 1, first.head)
        assert sealed() == sorted(SignedAct.objects.values_list("number", flat=True))

    def test_comes_to_an_act_that_commits_after_a_later_one(self):
        """The slower act has drawn the smaller number; no act waits for another."""
        drawn, sealed_before = Event(), Event()

        def slow() -> None:
            with transaction.atomic():
                act()
                drawn.set()
                sealed_before.wait(30)

        def quick() -> None:
            drawn.wait(30)
            act()
            seal_acts(at=timezone.now())
            sealed_before.set()

        together(slow, quick)
        assert len(sealed()) == SignedAct.objects.count() - 1
        seal_acts(at=timezone.now())

        assert sealed() == sorted(SignedAct.objects.values_list("number", flat=True))

    def test_catches_up_after_days_without_a_worker(self, monkeypatch):
        monkeypatch.setattr("accounts.chain.sealing.ACTS_AT_ONCE", 2)
        for _ in range(5):
            act()
        assert seal_acts(at=timezone.now() + timedelta(days=3)) == 5
        assert sealed() == sorted(SignedAct.objects.values_list("number", flat=True))

    def test_by_two_workers_at_once_makes_one_chain(self):
        for _ in range(3):
            act()
        together(*[lambda: seal_acts(at=timezone.now())] * 3)

        assert [seal.number for seal in Seal.objects.all()] == [2, 1]
        assert sealed() == sorted(SignedAct.objects.values_list("number", flat=True))


@pytest.mark.django_db(transaction=True)
class TestTheHeads:
    def test_are_written_outside_the_database(self, caplog):
        caplog.set_level("INFO")
        act()
        seal_acts(at=datetime(2026, 11, 30, 4, tzinfo=UTC))

        seal = Seal.objects.first()
        *_first, line = settings.CHAIN_HEADS.read_text().splitlines()
        assert json.loads(line) == {
            "seal": seal.number,
            "at": "2026-11-30T04:00:00+00:00",
            "head": seal.head,
        }
        assert f"head {seal.head}" in caplog.text

    def test_of_a_database_that_was_restored_begin_anew_beside_the_old_ones(self):
        act()
        seal_acts(at=timezone.now())
        set_heads_aside(datetime(2026, 11, 30, 4, tzinfo=UTC))

        last = Seal.objects.first()
        assert list(list_heads()) == [Head(last.number, last.head, begins=True)]
        assert (
            json.loads(settings.CHAIN_HEADS.read_text())["restored"] == "2026-11-30T04:00:00+00:00"
        )
        (kept,) = settings.CHAIN_HEADS.parent.glob("*before-20261130T040000Z*")
        assert len(kept.read_text().splitlines()) == 2

    def test_can_be_begun_anew_by_a_command(self):
        act()
        seal_acts(at=timezone.now())
        settings.CHAIN_HEADS.unlink()
        output = StringIO()
        call_command("begin_heads", stdout=output)

        last = Seal.objects.first()
        assert list(list_heads()) == [Head(last.number, last.head, begins=True)]
        assert output.getvalue() == f"The heads begin anew after seal {last.number}.\n"
