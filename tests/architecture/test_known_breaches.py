"""The breaches that are known are still there; what is mended is struck off."""

from __future__ import annotations

from tests.architecture import (
    test_addresses,
    test_circles,
    test_foreign_keys,
    test_sizes,
    test_tables,
)
from tests.architecture.breaches import Breach, new, settled

CONTRACTS = (test_addresses, test_circles, test_foreign_keys, test_sizes, test_tables)


def test_none_that_is_known_is_mended():
    assert settled(breach for contract in CONTRACTS for breach in contract.find_breaches()) == []


class TestABreach:
    BREACH = Breach("low/views.py", "names addresses of high", "high:page", 7)
    KNOWN = ("low/views.py names addresses of high",)

    def test_is_told_with_its_line(self):
        assert new([self.BREACH]) == ["low/views.py:7 names addresses of high: high:page"]

    def test_is_passed_over_while_it_is_known(self):
        assert new([self.BREACH], self.KNOWN) == []
        assert settled([self.BREACH], self.KNOWN) == []

    def test_is_struck_off_once_it_is_mended(self):
        assert settled([], self.KNOWN) == list(self.KNOWN)
