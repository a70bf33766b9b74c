"""Terms that narrow the auditor's list to exactly what a number of the utilization report counts."""
