"""Each site has its own names in Redis."""

from __future__ import annotations

from config.lib.broker_keys import key_prefix


def test_all_processes_of_a_site_agree():
    assert key_prefix("secret", "xuetang") == key_prefix("secret", "xuetang")


def test_another_secret_or_another_database_is_another_site():
    sites = [("secret", "xuetang"), ("other secret", "xuetang"), ("secret", "jinghai")]

    assert len({key_prefix(*site) for site in sites}) == 3


def test_it_does_not_show_the_secret():
    assert "secret" not in key_prefix("secret", "xuetang")
