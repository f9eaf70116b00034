"""The edge: HTTP, the command line, settings, and the PostgreSQL that comes along."""
