"""Members, their posts and exemptions, the register, merges, slips and organisation pages."""
