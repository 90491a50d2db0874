"""The ledger: entries in one order, and the tree of hashes that proves it."""
