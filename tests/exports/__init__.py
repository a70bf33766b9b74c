"""Exports of a selection: what stands in them, how they are written, made, guarded and handed out."""
