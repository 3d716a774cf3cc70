"""The two earmarked channels and what was allocated from them."""
