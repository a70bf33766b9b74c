"""What is known: the catalogue of facts, their values, and exact units."""
