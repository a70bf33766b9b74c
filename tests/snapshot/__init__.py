"""The snapshot for analysts: what it holds, what it must not tell, and that other engines read it alike."""
