"""Every write of this app, by subject."""
