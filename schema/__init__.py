"""What there is: each noun's table, type and inputs, declared once. No I/O, no imports of ours."""
