"""How a database came to be what `schema/` declares."""
