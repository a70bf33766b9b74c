"""What a form asks, and what people typed as facts."""
