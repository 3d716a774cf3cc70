"""Personal names: sorting by pinyin and search by initials."""

import unicodedata

from pypinyin import Style, lazy_pinyin

SEPARATOR = "\u00b7"
_SEPARATOR_LOOKALIKES = str.maketrans(dict.fromkeys("•・‧∙⋅", SEPARATOR))


def clean_name(text: str) -> str:
    """A name with single inner spaces and its separator normalised to U+00B7."""
    return " ".join(text.split()).translate(_SEPARATOR_LOOKALIKES)


def name_key(text: str) -> str:
    """A name for comparing: width, case, spaces and the kind of separator do not matter."""
    return "".join(clean_name(unicodedata.normalize("NFKC", text)).split()).casefold()


def pinyin_forms(name: str) -> tuple[str, str]:
    """Full pinyin and initials at once: 张伟 → `zhang wei`, `zw`."""
    syllables = lazy_pinyin(name)
    return " ".join(syllables).lower(), "".join(s[:1] for s in syllables).lower()


def pinyin_key(name: str) -> str:
    """Full pinyin for sorting: 张伟 → `zhang wei`."""
    return " ".join(lazy_pinyin(name)).lower()


def pinyin_initials(name: str) -> str:
    """First letters for searching: 张伟 → `zw`."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()
