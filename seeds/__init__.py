"""What the project knows from the start: one data file per noun, and what loads them."""
