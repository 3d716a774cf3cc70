"""Whatever is sent to any address, by anybody, no answer is a fault of ours.

The budget is a number of requests: for each role every form that some page shows, and every address
of the table. Each choice follows from a fixed seed, so a failure comes back.
"""

from __future__ import annotations

import re
from random import Random

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.enums import Role
from backstage.exports import _filter_words
from tests.access.hostile import (
    HOSTILE,
    JSON_BODIES,
    SeenForm,
    attacks_on,
    encode,
    path_of,
    read_forms,
)
from tests.access.table import FORBIDDEN, TABLE

ROLES = [Role.SCHOOL_CLERK, Role.ORGANISATION_DEPARTMENT, Role.MEMBER]
PARTS = 4
REQUESTS_PER_FORM = 2
ENDS_THE_SESSION = {"accounts:sign_out", "set_language"}
HOSTILE_KEYS = [0, 2**31, 2**63, 10**30]


class Attacker:
    """Sends requests, undoes what they wrote, and keeps those that were answered by a fault."""

    def __init__(self, client: Client) -> None:
        self.client = client
        client.raise_request_exception = False
        self.faults: list[str] = []

    def _ask(self, method: str, address: str, shown: str, **kwargs) -> HttpResponse:
        with transaction.atomic():
            answer = self.client.generic(method, address, **kwargs)
            list(answer) if answer.streaming else answer.content
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            fault = answer.exc_info[1] if answer.exc_info else answer.status_code
            self.faults.append(f"{method} {address[:300]} {shown[:600]}: {fault!r:.300}")
        return answer

    def get(self, path: str, data: dict[str, str] | None = None) -> HttpResponse:
        query = encode(data or {})
        return self._ask("GET", f"{path}?{query}" if query else path, "")

    def post(self, path: str, data: dict) -> None:
        shown = repr(data)
        if any(hasattr(value, "read") for value in data.values()):
            clean = {
                name: value if hasattr(value, "read") else str(value).replace("\ud800", "\ufffd")
                for name, value in data.items()
            }
            with transaction.atomic():
                answer = self.client.post(path, clean)
                transaction.set_rollback(True)
            if answer.status_code >= 500:
                fault = answer.exc_info[1] if answer.exc_info else answer.status_code
                self.faults.append(f"POST {path} {shown[:600]}: {fault!r:.300}")
            return
        body, kind = encode(data), "application/x-www-form-urlencoded"
        self._ask("POST", path, shown, data=body, content_type=kind)

    def post_json(self, path: str, body: bytes) -> None:
        self._ask("POST", path, repr(body), data=body, content_type="application/json")


def addresses(two_schools) -> list[str]:
    names = [name for name in TABLE if name not in ENDS_THE_SESSION]
    return [reverse(name, args=TABLE[name].arguments(two_schools.own)) for name in names]


def forms_of(attacker: Attacker, pages: list[str]) -> dict[tuple[str, str], SeenForm]:
    """The forms that these pages show, by method and path; one for each page without any."""
    found: dict[tuple[str, str], SeenForm] = {}
    for page in pages:
        answer = attacker.get(page)
        is_page = answer.get("Content-Type", "").startswith("text/html")
        text = answer.content.decode() if is_page and not answer.streaming else ""
        for form in read_forms(page, text):
            path = path_of(form.action)
            kept = found.setdefault((form.method, path), SeenForm(form.method, path))
            kept.fields |= {name: values[:30] for name, values in form.fields.items()}
            kept.files |= form.files
    for page in pages:
        found.setdefault(("post", page), SeenForm("post", page))
    return found


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("role", ROLES)
def test_no_value_of_any_field_makes_a_fault(two_schools, role, part):
    attacker = Attacker(two_schools.client(role))
    chance = Random(f"{role}{part}")
    pages = addresses(two_schools)
    ended = {reverse(name) for name in ENDS_THE_SESSION}
    others = sorted(_filter_words)
    for (method, path), form in forms_of(attacker, pages[part::PARTS]).items():
        if path in ended:
            continue
        for data in attacks_on(form, others, chance, REQUESTS_PER_FORM):
            if method == "get":
                attacker.get(path, data)
            else:
                attacker.post(path, data)
        if method == "post" and not form.fields:
            takes_json = path.endswith("/marks/")
            for body in JSON_BODIES if takes_json else [chance.choice(JSON_BODIES)]:
                attacker.post_json(path, body)

    assert not attacker.faults, "\n".join(attacker.faults)


@pytest.mark.parametrize("role", ROLES)
def test_no_key_in_an_address_makes_a_fault(two_schools, role):
    attacker = Attacker(two_schools.client(role))
    for name, row in TABLE.items():
        given = row.arguments(two_schools.own)
        if not any(isinstance(one, int) for one in given):
            continue
        # Who is refused before the key is read needs no second try.
        is_refused = row.expected(role, is_own=True) == FORBIDDEN
        for key in HOSTILE_KEYS[-1:] if is_refused else HOSTILE_KEYS:
            args = [key if isinstance(one, int) else one for one in given]
            try:
                attacker.get(reverse(name, args=args))
                attacker.post(reverse(name, args=args), {})
            except NoReverseMatch:
                continue

    assert not attacker.faults, "\n".join(attacker.faults)


def test_the_attack_finds_a_planted_fault(two_schools, monkeypatch):
    """Otherwise a test that sends nothing would pass as well."""
    monkeypatch.setattr("rolls.views.door.clean_code", lambda text: {}[text])
    attacker = Attacker(two_schools.client(Role.SCHOOL_CLERK))
    page = reverse("rolls:door", args=[two_schools.own["session"].pk])

    for (method, path), form in forms_of(attacker, [page]).items():
        for data in attacks_on(form, [], Random(1), 80):
            if method == "post" and path == page:
                attacker.post(path, data)

    assert any(re.search("KeyError", fault) for fault in attacker.faults)
    assert len(set(HOSTILE)) == len(HOSTILE)
