"""The HTTP service: one house, its routes, and the process that serves them."""
