"""Plots: coordinates, words and tables, and how they look."""
