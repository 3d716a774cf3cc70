"""The two earmarked channels and the allocations from them."""
