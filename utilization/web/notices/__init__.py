"""What people are told of: their notices, how they want to be told, and whom no mail reached."""
