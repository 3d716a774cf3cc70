"""Django's own date formats for a language, where they differ from ours (`config.lib.dates`)."""
