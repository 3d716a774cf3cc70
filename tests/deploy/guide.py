"""The commands of docs/operation.md, as they stand there."""

from __future__ import annotations

import re

from dev.embedded_postgres import BASE_DIR

GUIDE = BASE_DIR / "docs/operation.md"


def commands(heading: str) -> str:
    """The shell blocks from that heading to the next one of the same or a higher level."""
    text = GUIDE.read_text()
    start = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    assert start, f"no heading {heading!r}"
    rest = text[start.end() :]
    end = re.search(rf"^#{{1,{len(start[1])}}} ", rest, re.MULTILINE)
    blocks = re.findall(r"^```sh\n(.*?)^```$", rest[: end.start() if end else None], re.M | re.S)
    assert blocks, f"no commands below {heading!r}"
    return "\n".join(blocks)
