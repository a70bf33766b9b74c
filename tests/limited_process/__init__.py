"""The process that a check runs in: its limits, its turn, and what it says."""
