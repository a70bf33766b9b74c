"""A witness of logs (c2sp.org/tlog-witness): cosigns only what extends what it saw. No Django, no database of ours."""
