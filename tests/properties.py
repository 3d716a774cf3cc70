"""How many examples a property is tried with: few in each run, many in a thorough one.

Every run draws other examples, so what few of them miss a later run may find. A thorough run is
`HYPOTHESIS_PROFILE=deep make test`.
"""

from __future__ import annotations

import os

IS_DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"


def examples(few: int, *, deep: int) -> int:
    """`max_examples` of a property that works in the database, where each example takes long."""
    return deep if IS_DEEP else few
