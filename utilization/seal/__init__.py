"""The log sealed: its tree kept in the database, its checkpoints signed with a key beside it, and both checked."""
