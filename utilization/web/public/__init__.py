"""The public eligibility check: the same engine for anybody, without an account, and nothing that is typed is kept."""
