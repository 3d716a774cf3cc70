"""Row keys as received in addresses and forms."""


def is_row_key(text: str) -> bool:
    """Whether `text` can be a row key: only digits, and within the range of the column."""
    return text.isascii() and text.isdecimal() and len(text) <= 18
