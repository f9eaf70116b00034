"""Who may: the caller, and what the caller can see."""
