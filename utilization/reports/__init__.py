"""Reading: what pages and documents show, as plain values. Nothing here changes anything."""
