"""The order and what it comes to: weights, vials, products, pump rates, the plan, and slips of the pen."""
