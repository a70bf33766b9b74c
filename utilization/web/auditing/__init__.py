"""The auditor's pages: they read everything at their site and change nothing."""
