"""Builds .xlsx archives by hand: also such as no spreadsheet program would write."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache
from io import BytesIO

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET = "xl/worksheets/sheet1.xml"
TEXTS = "xl/sharedStrings.xml"


def sheet_xml(rows: str, *, before: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><worksheet {_MAIN}>{before}'
        f"<sheetData>{rows}</sheetData></worksheet>"
    ).encode()


def frame(*states: str) -> dict[str, bytes]:
    """The parts around the sheets, one sheet for each of `states` (visible, hidden)."""
    sheets = "".join(
        f'<sheet name="Sheet {n}" sheetId="{n}" state="{state}" r:id="r{n}"/>'
        for n, state in enumerate(states, 1)
    )
    targets = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(states) + 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
            f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">{targets}</Relationships>'
        ),
    }
    return {name: text.encode() for name, text in parts.items()}


def archive(parts: dict[str, bytes | Iterator[bytes]]) -> bytes:
    """A zip of `parts`; contents may come in pieces that never stand in memory together."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name, content in parts.items():
            with target.open(name, "w") as part:
                for piece in [content] if isinstance(content, bytes) else content:
                    part.write(piece)
    return out.getvalue()


def workbook(
    *sheets: str | bytes, states: tuple[str, ...] = (), **others: bytes | Iterator[bytes]
) -> bytes:
    """An .xlsx of `sheets` (rows as XML, or a whole part), with `others` by their path."""
    contents = [sheet if isinstance(sheet, bytes) else sheet_xml(sheet) for sheet in sheets]
    parts: dict[str, bytes | Iterator[bytes]] = {**frame(*(states or ["visible"] * len(sheets)))}
    for number, content in enumerate(contents, 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = content
    return archive({**parts, **others})


def shared_texts(*texts: str) -> bytes:
    return f"<sst {_MAIN}>{''.join(f'<si><t>{t}</t></si>' for t in texts)}</sst>".encode()


@cache
def bomb(megabytes: int) -> bytes:
    """A small archive whose sheet unpacks to so many megabytes of blanks."""
    blanks = b" " * (1 << 20)
    return workbook(states=("visible",), **{SHEET: iter([blanks] * megabytes)})


def claim(
    data: bytes,
    name: str,
    *,
    size: int | None = None,
    checksum: int | None = None,
    method: int | None = None,
) -> bytes:
    """`data` with headers that say something else of the part `name`."""
    lying = bytearray(data)
    with zipfile.ZipFile(BytesIO(data)) as opened:
        local = opened.getinfo(name).header_offset
    central = data.index(name.encode(), data.index(b"PK\x01\x02")) - 46
    for start in (local + 8, central + 10):
        if method is not None:
            struct.pack_into("<H", lying, start, method)
        if checksum is not None:
            struct.pack_into("<L", lying, start + 6, checksum)
        if size is not None:
            struct.pack_into("<L", lying, start + 14, size)
    return bytes(lying)


def claim_a_beginning(data: bytes, name: str, size: int) -> bytes:
    """As `claim`, with the checksum of the first `size` bytes: who stops there sees no lie."""
    with zipfile.ZipFile(BytesIO(data)) as opened, opened.open(name) as part:
        return claim(data, name, size=size, checksum=zlib.crc32(part.read(size)))


def endless(gigabytes: int) -> bytes:
    """An archive whose sheet, said to be of 1 kB, unpacks to so many gigabytes."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    megabyte = deflater.compress(b" " * (1 << 20)) + deflater.flush(zlib.Z_FULL_FLUSH)
    stream = megabyte * (gigabytes << 10) + deflater.flush()
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, content in {**frame("visible"), SHEET: stream}.items():
            target.writestr(name, content)
    return claim(out.getvalue(), SHEET, size=1024, method=zipfile.ZIP_DEFLATED)


def repeated_entries(count: int) -> bytes:
    """An archive whose directory names one and the same part `count` times."""
    data = workbook("")
    start = data.index(b"PK\x01\x02")
    entry = data[start : data.index(b"PK\x01\x02", start + 1)]
    few = min(count, 0xFFFF)
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, few, few, len(entry) * count, start, 0)
    return data[:start] + entry * count + tail
