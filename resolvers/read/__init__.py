"""Reads: one operation, one SQL statement that returns finished JSON.

`operation.py` keeps plans, `compile.py` makes them, `page.py`, `where.py` and `cursor.py` are its
lists, filters and places in lists, `binds.py` its values, `sql.py` the only place that quotes.
"""

from resolvers.read.operation import Call, InvalidVariables, Operation, Plan, Ready

__all__ = ["Call", "InvalidVariables", "Operation", "Plan", "Ready"]
