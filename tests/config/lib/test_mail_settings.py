"""The mail server of a site, as its environment names it."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import mailers
from django.core.mail.backends import console, smtp

from config.lib.mail_settings import mailers_of


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example.cn", 25, False, False),
        ("smtp+tls://mail.example.cn", 587, True, False),
        ("smtps://mail.example.cn", 465, False, True),
        ("smtps://mail.example.cn:2465", 2465, False, True),
    ],
)
def test_an_address_names_a_server(settings, url, port, tls, ssl):
    settings.MAILERS = mailers_of(url)
    mailer = mailers.default

    assert isinstance(mailer, smtp.EmailBackend)
    assert (mailer.host, mailer.port) == ("mail.example.cn", port)
    assert (mailer.use_tls, mailer.use_ssl, mailer.timeout) == (tls, ssl, 10)


def test_user_and_password_are_decoded(settings):
    settings.MAILERS = mailers_of("smtp+tls://portal%40example.cn:a%2Fb%3Ac@mail.example.cn")

    assert (mailers.default.username, mailers.default.password) == ("portal@example.cn", "a/b:c")


def test_a_developer_reads_mail_on_the_console(settings):
    settings.MAILERS = mailers_of("console:")
    assert isinstance(mailers.default, console.EmailBackend)


def test_without_an_address_there_is_none():
    assert mailers_of("") == {}


@pytest.mark.parametrize(
    "url",
    ["mail.example.cn", "http://:secret@mail.example.cn", "smtp://", "smtp://x:secret@h:port"],
)
def test_anything_else_is_refused_without_repeating_it(url):
    with pytest.raises(ImproperlyConfigured) as refused:
        mailers_of(url)
    assert "secret" not in str(refused.value)
