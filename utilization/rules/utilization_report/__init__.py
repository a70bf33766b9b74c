"""The utilization report of a site as one frozen value, reckoned from plain rows."""
