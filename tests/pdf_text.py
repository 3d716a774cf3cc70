"""The text of a PDF that typst made, line by line, as a reader sees it on paper."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

# What a backslash stands for.
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_SIGN = re.compile(rb"\\[0-7]{3}|\\.|.", re.DOTALL)
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def read_lines(pdf: bytes) -> list[str]:
    """A line where scripts, fonts or sizes change comes in several parts."""
    return [line for page in read_pages(pdf) for line in page]


def read_pages(pdf: bytes) -> list[list[str]]:
    """The lines of each page."""
    objects = {
        int(number): body
        for number, body in re.findall(rb"(\d+) 0 obj\s(.*?)\sendobj", pdf, re.DOTALL)
    }
    signs = {
        name: _read_signs(_unpack(objects[int(_find(rb"/ToUnicode (\d+)", objects[int(font)]))]))
        for name, font in re.findall(rb"/(f\d+) (\d+) 0 R", b"".join(objects.values()))
    }
    contents = re.findall(rb"/Contents (\d+) 0 R", b"".join(objects.values()))
    return [
        [
            "".join(signs[font].get(glyph, "") for glyph in _glyphs(line))
            for font, line in re.findall(
                rb"/(f\d+) [\d.]+ Tf.*?\[(.*?)\]TJ", _unpack(objects[int(number)]), re.DOTALL
            )
        ]
        for number in contents
    ]


def _find(pattern: bytes, text: bytes) -> bytes:
    found = re.search(pattern, text)
    assert found, pattern
    return found[1]


def _unpack(body: bytes) -> bytes:
    return zlib.decompress(body.partition(b"stream\n")[2].rpartition(b"\nendstream")[0])


def _read_signs(table: bytes) -> dict[int, str]:
    return {
        int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
        for glyph, text in re.findall(rb"<(\w{4})> <(\w+)>\n", table)
    }


def _glyphs(line: bytes) -> list[int]:
    text = b"".join(_pieces(line))
    return [int.from_bytes(text[at : at + 2]) for at in range(0, len(text), 2)]


def _pieces(line: bytes) -> Iterator[bytes]:
    """What stands in brackets, which may hold pairs of brackets themselves, or in hex digits.

    Which of the two a piece is written in depends on the numbers of its glyphs.
    """
    depth, digits = 0, b""
    for sign in _SIGN.findall(line):
        depth -= sign == b")"
        if depth:
            yield _ESCAPED.sub(_plain, sign)
        elif sign == b">":
            yield bytes.fromhex(digits.partition(b"<")[2].decode())
            digits = b""
        elif sign == b"<" or digits:
            digits += sign
        depth += sign == b"("


def _plain(escaped: re.Match[bytes]) -> bytes:
    sign = escaped[1]
    return bytes([int(sign, 8)]) if sign.isdigit() else _CONTROLS.get(sign, sign)
