"""Members, their posts and exemptions, the register, merges, slips and the pages of the tree."""
