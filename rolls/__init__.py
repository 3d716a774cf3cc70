"""Attendance: rolls, marks from devices, the door, member cards, sign-in sheets and walk-ins."""
