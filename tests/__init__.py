"""Tests, by the floors of the house: each states a property of the product, in the words of its users."""
