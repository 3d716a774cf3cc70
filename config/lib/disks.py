"""What the system answers when a disk, a quota or a file is full."""

import errno

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_full(error: OSError) -> bool:
    """Whether something was not written because there is no room for it."""
    return error.errno in _FULL
