"""What a hostile browser sends: bad values in every field of every form that a page shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from random import Random
from typing import Any
from urllib.parse import quote, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile

HOSTILE = [
    "",
    "0",
    "-1",
    "²",
    "٣",
    "２０２６",
    "1_0",
    "+1",
    "1.5",
    "NaN",
    "-Infinity",
    "1e309",
    "1e-400",
    str(2**31),
    str(2**63),
    "9" * 400,
    "\0",
    "a\0b",
    "\ud800",  # sent as bytes that are no UTF-8
    "\u202e\ufeff",
    "𠮷" * 41,
    "A" * 41,
    "ACDEFGHJKM" * 5,
    "x" * 20_000,
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "2026-11-30T25:61",
    "9999-12-31T23:59",
    "0001-01-01T00:00",
    "%",
    "_",
    "\\",
    "' OR 1=1 --",
    "<script>",
    "{{ 7 }}",
    "../../etc/passwd",
    "//elsewhere.example/",
    "null",
    "[]",
    '{"a": 1}',
    "1,1",
    "00000000-0000-0000-0000-000000000000",
    "11010519491231002X",
    "\r\nSet-Cookie: a=b",
]
JSON_BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"[[]]",
    b"7",
    b'"x"',
    b"{}",
    b'{"marks": null}',
    b'{"marks": [null]}',
    b'{"marks": [{}]}',
    b'{"marks": [{"key": 1, "member": "x", "status": [], "seen": {}, "at": true}]}',
    b'{"marks": [{"key": "\\u0000", "member": 1e400, "status": "present"}]}',
    b"[" * 2000,
    b"\xff\xfe",
]
FILES = [
    ("", b""),
    ("a.png", b""),
    ("a.png", b"\x89PNG\r\n\x1a\n"),
    ("\0.pdf", b"%PDF-1.7\n%%EOF"),
    ("x" * 300 + ".xlsx", b"PK\x03\x04"),
    ("../../a.csv", "姓名\n\0\n".encode()),
    ("a.csv", b"\xff\xfe\x00"),
    ("a.csv", b'"' * 5000),
]


@dataclass
class SeenForm:
    """A form as a page shows it: where it goes, its fields with what they offer or hold."""

    method: str
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.forms = page, [SeenForm("get", page)]
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        if tag == "form":
            action = of.get("action") or self.page
            self.forms.append(SeenForm((of.get("method") or "get").lower(), action))
        if tag == "option" and self._select:
            self.forms[-1].fields[self._select].append(of.get("value") or "")
        name = of.get("name")
        if not name or name == "csrfmiddlewaretoken":
            return
        if tag in {"input", "textarea", "button"}:
            if of.get("type") == "file":
                self.forms[-1].files.add(name)
            else:
                self.forms[-1].fields.setdefault(name, []).append(of.get("value") or "")
        elif tag == "select":
            self._select = name
            self.forms[-1].fields.setdefault(name, [])

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def read_forms(page: str, text: str) -> list[SeenForm]:
    """The forms of a page, with one that has no fields for the page's own address."""
    reader = _Reader(page)
    reader.feed(text)
    return [form for form in reader.forms if form.action.startswith("/")]


def attacks_on(form: SeenForm, others: list[str], chance: Random, count: int) -> Iterator[Any]:
    """Data for `count` requests: each field holds what it offers, something hostile, or nothing.

    Some are hostile in one field only, so that a check of another does not hide it. `others` are
    names of fields that the page does not show.
    """
    names = list(form.fields) or others
    for number in range(count):
        only = chance.choice(names) if names and number % 3 else None
        data: dict[str, Any] = {}
        for name in names:
            offered = form.fields.get(name) or [""]
            is_hostile = name == only or (only is None and chance.random() < 0.5)
            value = chance.choice(HOSTILE if is_hostile else offered)
            if only is not None or chance.random() < 0.9:
                data[name] = value
        for name in form.files:
            file_name, content = chance.choice(FILES)
            data[name] = SimpleUploadedFile(file_name or "x", content)
        yield data


def encode(data: dict[str, str]) -> str:
    """Fields as a query; a lone surrogate becomes bytes that are no UTF-8."""
    return "&".join(
        f"{quote(name)}={quote(str(value).encode('utf-8', 'surrogatepass'))}"
        for name, value in data.items()
    )


def path_of(address: str) -> str:
    """The path of an address on this site."""
    return urlsplit(address).path
