"""The verbs of the field, by noun; importing this declares them."""
