"""What the log says of a request."""

import logging
from io import StringIO

import pytest

from config.lib.logs import OneLineRefusals
from tests import factories


@pytest.mark.django_db
def test_a_refusal_is_one_line_with_who_and_what(client):
    user = factories.make_user()
    client.force_login(user, "accounts.backends.PhoneOrNumberBackend")
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(OneLineRefusals())
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        assert client.get("/sessions/").status_code == 403
    finally:
        logger.removeHandler(handler)

    assert written.getvalue() == f"Refused: GET /sessions/, account {user.pk}\n"
