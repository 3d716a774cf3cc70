"""Backups of the whole portal: made, checked, restored, and rehearsed (docs/operation.md)."""
