"""`make run`: the portal with a database of its own, for its developers. No server has this."""
