"""Lecturers, their three corps and letters of appointment."""
