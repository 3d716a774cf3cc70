"""Keys of rows as addresses and forms bring them."""


def is_row_key(text: str) -> bool:
    """Whether `text` may be the key of a row: digits, and no more than the column holds."""
    return text.isascii() and text.isdecimal() and len(text) <= 18
