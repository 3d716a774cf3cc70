"""Who was there: rolls, marks of devices, the door, cards, sign-in sheets and walk-ins."""
