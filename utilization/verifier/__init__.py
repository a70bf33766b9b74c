"""The verifier of issued documents: one file that is handed over and imports nothing but the standard library."""
