"""What a condition means: three-valued nodes over facts, entries and amounts, in words, in samples."""
