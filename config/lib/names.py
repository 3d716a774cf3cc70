"""Personal names: sorting by pinyin and search by initials."""

import unicodedata

from pypinyin import lazy_pinyin

SEPARATOR = "\u00b7"
_SEPARATOR_LOOKALIKES = str.maketrans(dict.fromkeys("•・‧∙⋅", SEPARATOR))
# Marks text that has no pinyin; no name contains it.
_WHOLE = "\0"


def clean_name(text: str) -> str:
    """A name with single inner spaces and its separator normalised to U+00B7."""
    return " ".join(text.split()).translate(_SEPARATOR_LOOKALIKES)


def name_key(text: str) -> str:
    """A name for comparison: width, case, spaces and the kind of separator are ignored."""
    return "".join(clean_name(unicodedata.normalize("NFKC", text)).split()).casefold()


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
