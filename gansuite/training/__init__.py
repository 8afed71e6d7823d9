"""How a domain is trained: one loop for all of them."""
