"""What runs in the background: impact previews and issued documents. A job reads, works out, and writes by a door."""
