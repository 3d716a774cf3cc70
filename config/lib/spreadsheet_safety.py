"""Which parts of an uploaded .xlsx archive may be passed to calamine.

calamine trusts its input: it stores a sheet as a dense block (one far cell is enough to end the
process), reserves memory for as many texts as a header claims, and copies a shared text into every
cell that refers to it. So the archive is first decompressed here in small pieces and measured. Only
the parts that were measured go into a new archive. Memory stays at the size of the upload.
"""

import re
import struct
import zipfile
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from config.lib.spreadsheet_refusals import FileFault, SpreadsheetError

MEGABYTE = 1 << 20
_PIECE = 1 << 18
_LONGEST_TAG = 1 << 16
_MOST_PARTS = 2_000
_MOST_COMPRESSION = 100  # real sheets shrink to a tenth, rarely to a fiftieth
_SMALL = 16 * MEGABYTE  # below this size the ratio is not checked

_PARTS = re.compile(
    r"\[content_types\]\.xml|_rels/\.rels|xl/(_rels/)?[^/]+\.(xml|rels)|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
_DECLARATION = re.compile(rb"<!(?!--|\[CDATA\[)")  # a DTD, with or without entities
_FORMULA = re.compile(rb"<(?:[^\s<>/]*:)?f(?=[\s/>])")
_LONG_COUNT = re.compile(rb"""uniqueCount\s*=\s*["'][^"']{8}""")
_SHARED_TEXT = re.compile(rb"<si(?=[\s/>])")
_PREFIXED_SHARED_TEXT = re.compile(rb"<(?:[^\s<>/]*:)?si(?=[\s/>])")
_NOT_CONTENT = re.compile(rb"<!|<\?(?!xml\s)")
_SHARED_TEXT_MARK = re.compile(rb"<(/?)(?:[^\s<>/]*:)?si(?=[\s/>])")
_SHARED_INDEX = re.compile(rb't="s"[^<>]*><(?:\w+:)?v>([0-9]{1,9})</(?:\w+:)?v></(?:\w+:)?c>')

# All known writers put r first and give a cell few and plain attributes.
_REFERENCE = rb'c r="([A-Z]{1,3}[1-9][0-9]{0,6})"(?: (?!r=)[a-z]+="\w*")*'
_FILLED = re.compile(rb"<" + _REFERENCE + rb">")
_BLANK = re.compile(rb"<" + _REFERENCE + rb" ?/>")
# Two patterns, because a single one with an alternative takes six times as long.
_PREFIXED, _UNUSUAL = re.compile(rb":c[\s/>]"), re.compile(rb"<c[^ \w]")
_PREFIX = rb"<(?:[^\s<>/]*:)?"
_PREFIXED_FILLED = re.compile(_PREFIX + _REFERENCE + rb">")
_PREFIXED_BLANK = re.compile(_PREFIX + _REFERENCE + rb" ?/>")
_ANY_CELL = re.compile(_PREFIX + rb"c[\s/>]")
_LETTERS, _DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789"


@dataclass(frozen=True)
class Limits:
    """Limits of a table: bytes uploaded and unpacked, rows, columns, and rows × columns."""

    size: int = 20 * MEGABYTE
    unpacked: int = 160 * MEGABYTE
    rows: int = 100_000
    columns: int = 200
    cells: int = 2_500_000

    def too_many(self) -> SpreadsheetError:
        """The error for a table beyond these limits."""
        return SpreadsheetError(
            FileFault.TOO_MANY_CELLS,
            413,
            rows=f"{self.rows:,}",
            columns=self.columns,
            cells=f"{self.cells:,}",
        )


def damaged() -> SpreadsheetError:
    """The error for an archive that is broken, or written as no spreadsheet program writes."""
    return SpreadsheetError(FileFault.DAMAGED)


def not_a_spreadsheet() -> SpreadsheetError:
    """The error for a picture, a letter, a program, etc."""
    return SpreadsheetError(FileFault.NO_SPREADSHEET)


def foreign_format() -> SpreadsheetError:
    """The error for a spreadsheet in another format."""
    return SpreadsheetError(FileFault.FOREIGN_FORMAT)


def encrypted() -> SpreadsheetError:
    """The error for a file that needs a password."""
    return SpreadsheetError(FileFault.ENCRYPTED)


@dataclass
class CheckedWorkbook:
    """An archive that calamine may read; sheets beyond the limits are left out."""

    data: bytes
    has_oversized_sheets: bool
    has_formulas: bool


def check_workbook(data: bytes, limits: Limits) -> CheckedWorkbook:
    """The parts of the .xlsx archive `data` that make up its tables. Raises SpreadsheetError."""
    parts = [_Part(data, info) for info in _list_parts(data, limits)]
    kept, texts = [], array("Q")
    for part in parts:
        if part.name == "xl/sharedstrings.xml":
            texts = _shared_text_lengths(part)
        if part.measure(limits):
            kept.append(part)
    _forbid_multiplied_texts(kept, texts, limits)
    return CheckedWorkbook(
        _pack(kept),
        has_oversized_sheets=len(kept) < len(parts),
        has_formulas=any(part.has_formulas for part in kept),
    )


def _list_parts(data: bytes, limits: Limits) -> list[zipfile.ZipInfo]:
    """The relevant entries, judged by the kind and size that the archive claims."""
    if data.count(b"PK\x01\x02") > _MOST_PARTS:
        raise damaged()
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        raise damaged() from None
    names = {entry.filename.lower() for entry in entries}
    if names & {"xl/workbook.bin", "content.xml"}:
        raise foreign_format()
    if "xl/workbook.xml" not in names:
        raise not_a_spreadsheet()
    if any(entry.flag_bits & 1 for entry in entries):
        raise encrypted()
    parts = [entry for entry in entries if _PARTS.fullmatch(entry.filename)]
    if len({part.filename.lower() for part in parts}) < len(parts):
        raise damaged()
    unpacked = sum(part.file_size for part in parts)
    most = _MOST_COMPRESSION * sum(part.compress_size for part in parts)
    if unpacked > min(limits.unpacked, max(_SMALL, most)):
        raise SpreadsheetError(FileFault.TOO_LARGE_UNPACKED, 413)
    return parts


class _Part:
    """One XML file of the archive, still compressed."""

    def __init__(self, data: bytes, info: zipfile.ZipInfo) -> None:
        self.info = info
        self.name = info.filename.lower()
        self.cells_with_shared_text = 0
        self.has_formulas = False
        try:
            name, extra = struct.unpack_from("<HH", data, info.header_offset + 26)
        except struct.error:
            raise damaged() from None
        start = info.header_offset + 30 + name + extra
        self.packed = memoryview(data)[start : start + info.compress_size]

    def measure(self, limits: Limits) -> bool:
        """Whether its cells are within `limits`. Raises SpreadsheetError if it is unsafe."""
        rows = columns = cells = 0
        for text in self.texts():
            if b"\0" in text or _DECLARATION.search(text) or _LONG_COUNT.search(text):
                raise damaged()
            references = _filled_cells(text)
            self.has_formulas = self.has_formulas or _has_formula(text)
            if not references:
                continue
            cells += len(references)
            joined = b" ".join(references)
            rows = max(rows, *map(int, set(joined.translate(None, _LETTERS).split())))
            letters = set(joined.translate(None, _DIGITS).split())
            columns = max(columns, *map(_column_number, letters))
            self.cells_with_shared_text += text.count(b't="s"')
            if (
                rows > limits.rows
                or columns > limits.columns
                or max(rows * columns, cells) > limits.cells
            ):
                return False
        return True

    def texts(self) -> Iterator[bytes]:
        """The content in pieces that never split a tag."""
        rest = b""
        for inflated in self._inflate():
            piece = rest + inflated
            tag = piece.rfind(b"<")
            end = len(piece) if tag < 0 or piece.find(b">", tag) >= 0 else tag
            rest = piece[end:]
            if len(rest) > _LONGEST_TAG:
                raise damaged()
            yield piece[:end]
        if rest:
            raise damaged()

    def _inflate(self) -> Iterator[bytes]:
        """The content in pieces. Their total size and checksum must match the headers."""
        size = checksum = 0
        for piece in self._unverified():
            size += len(piece)
            checksum = zlib.crc32(piece, checksum)
            if size > self.info.file_size:
                raise damaged()
            yield piece
        if (size, checksum) != (self.info.file_size, self.info.CRC):
            raise damaged()

    def _unverified(self) -> Iterator[bytes]:
        slices = (self.packed[i : i + _PIECE] for i in range(0, len(self.packed), _PIECE))
        if self.info.compress_type == zipfile.ZIP_STORED:
            yield from map(bytes, slices)
            return
        if self.info.compress_type != zipfile.ZIP_DEFLATED:
            raise damaged()
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            for packed in slices:
                piece = inflater.decompress(packed, _PIECE)
                while piece:
                    yield piece
                    piece = inflater.decompress(inflater.unconsumed_tail, _PIECE)
        except zlib.error:
            raise damaged() from None


def _has_formula(text: bytes) -> bool:
    """Whether a cell in `text` has a formula; two fast searches exclude most texts."""
    return (b"<f" in text or b":f" in text) and _FORMULA.search(text) is not None


def _filled_cells(text: bytes) -> list[bytes]:
    """The references (`B12`) of the cells in `text` that are not blank.

    Raises SpreadsheetError if a cell is written in a way that leaves its position uncertain.
    """
    references = _FILLED.findall(text)
    if not _PREFIXED.search(text) and not _UNUSUAL.search(text):
        cells = text.count(b"<c ")
        if len(references) == cells or len(references) + len(_BLANK.findall(text)) == cells:
            return references
    references = _PREFIXED_FILLED.findall(text)
    if len(references) + len(_PREFIXED_BLANK.findall(text)) < len(_ANY_CELL.findall(text)):
        raise damaged()
    return references


def _column_number(letters: bytes) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _shared_text_lengths(part: _Part) -> array:
    """The length in bytes of each shared text, including its markup. Raises SpreadsheetError."""
    lengths, run = array("Q"), 0
    for text in part.texts():
        start = _PREFIXED_SHARED_TEXT if b":si" in text else _SHARED_TEXT
        first, *others = start.split(text)
        run += len(first)
        for other in others:
            lengths.append(run)
            run = len(other)
    return lengths[1:] + array("Q", [run])  # the run before the first text is dropped


def _forbid_multiplied_texts(parts: list[_Part], texts: array, limits: Limits) -> None:
    """Refuse a few long texts that very many cells refer to. Raises SpreadsheetError.

    The exact sum is only computed if the longest text in every cell would exceed the limit.
    """
    cells = sum(part.cells_with_shared_text for part in parts)
    longest = max(texts, default=0)
    if cells * longest <= limits.unpacked:
        return
    uses: Counter[int] = Counter()
    for part in parts:
        if part.name == "xl/sharedstrings.xml":
            _require_plain_order(part)
        for text in part.texts():
            uses.update(map(int, _SHARED_INDEX.findall(text)))
    unclear = max(cells - uses.total(), 0) * longest
    known = sum(texts[index] * count for index, count in uses.items() if index < len(texts))
    if known + unclear > limits.unpacked:
        raise SpreadsheetError(FileFault.TOO_LARGE_UNPACKED, 413)


def _require_plain_order(part: _Part) -> None:
    """Refuse commented-out or nested shared texts, which would make their numbering unclear."""
    marks: list[bytes] = []
    for text in part.texts():
        if _NOT_CONTENT.search(text):
            raise damaged()
        marks += _SHARED_TEXT_MARK.findall(text)
    if marks != [b"", b"/"] * (len(marks) // 2):
        raise damaged()


def _pack(parts: list[_Part]) -> bytes:
    """A plain archive of `parts`, still compressed as they are."""
    body, directory = bytearray(), bytearray()
    for part in parts:
        info, name = part.info, part.info.filename.encode()
        sizes = (info.CRC, len(part.packed), info.file_size, len(name), 0)
        offset = len(body)
        body += struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, info.compress_type, 0, 0, *sizes)
        body += name + part.packed
        directory += struct.pack(
            "<4s6H3L2H", b"PK\1\2", 20, 20, 0, info.compress_type, 0, 0, *sizes
        )
        directory += struct.pack("<3H2L", 0, 0, 0, 0, offset) + name
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, len(parts), len(parts), len(directory), len(body), 0
    )
    return bytes(body + directory + end)
