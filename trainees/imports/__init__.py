"""What offices send: a register in their own words becomes checked rows."""
