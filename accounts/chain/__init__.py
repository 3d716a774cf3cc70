"""The chain: every act signs the rows that it wrote, and signed acts are sealed in order.

See docs/adr/0019-the-chain.md.
"""
