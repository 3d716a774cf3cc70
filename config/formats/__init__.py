"""How Django itself writes dates in a language, where that is not our way (`config.lib.dates`)."""
