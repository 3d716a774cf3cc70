"""Personal names: sorting by pinyin and search by initials."""

import re
import unicodedata

from pypinyin import lazy_pinyin

# GB/T 36344-2018 and the ID cards write this sign between the parts of a name.
SEPARATOR = "\u00b7"
_LOOKALIKES = "\u2022\u30fb\uff65\u2027\u2219\u22c5"
# A full stop is one only between two signs that are not ASCII: J. Smith keeps it.
_STOPS = ".\uff0e\ufe52"
_TO_SEPARATOR = str.maketrans(dict.fromkeys(_LOOKALIKES, SEPARATOR))
_ANY_TO_SEPARATOR = str.maketrans(dict.fromkeys(_LOOKALIKES + _STOPS, SEPARATOR))
_SIGN = rf"[^\x00-\x7f{SEPARATOR}{_STOPS}]"
_STOP = re.compile(rf"(?<={_SIGN}) ?[{_STOPS}] ?(?={_SIGN})")
_SPACED_SEPARATOR = re.compile(rf" ?{SEPARATOR} ?")
_HAN = "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PADDING = re.compile(rf"(?<=[{_HAN}]) (?=[{_HAN}])")
# Marks text that has no pinyin; no name contains it.
_WHOLE = "\0"


def clean_text(text: str) -> str:
    """A text with single inner spaces and its separator normalised to U+00B7."""
    if text.isalpha():  # most names; no space and no separator is a letter
        return text
    return " ".join(text.split()).translate(_TO_SEPARATOR)


def clean_name(text: str) -> str:
    """A person's name as it is stored: U+00B7 between parts, no padding between Chinese signs."""
    if text.isalpha():
        return text
    plain = _SPACED_SEPARATOR.sub(SEPARATOR, _STOP.sub(SEPARATOR, clean_text(text)))
    return _PADDING.sub("", plain)


def name_key(text: str) -> str:
    """A name for comparison: width, case, spaces and the kind of separator are ignored."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    return plain.translate(_ANY_TO_SEPARATOR).casefold()


def search_key(text: str) -> str:
    """A typed part of a name as it is searched for: in usual width, without spaces and separators.

    A text of nothing else stays as it is.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    return plain.translate(_ANY_TO_SEPARATOR).replace(SEPARATOR, "") or text


def pinyin_forms(name: str) -> tuple[str, str]:
    """Full pinyin for sorting and first letters for searching: 张伟 → `zhang wei`, `zw`.

    Text without pinyin (digits, Latin letters, rare characters) stays whole in both.
    """
    syllables = lazy_pinyin(name, errors=lambda text: _WHOLE + text)
    full = " ".join(part.removeprefix(_WHOLE) for part in syllables)
    initials = "".join(
        part.removeprefix(_WHOLE) if part.startswith(_WHOLE) else part[:1] for part in syllables
    )
    return full.lower(), initials.lower()
