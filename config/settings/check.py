"""For static checks, which import the settings but connect to no server."""

import os

os.environ.setdefault("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")

from .dev import *  # noqa: F403
