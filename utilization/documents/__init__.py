"""Values in, bytes out: the justification as PDF and the exports. Nothing here asks the database what to print."""
