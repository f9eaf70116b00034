"""`python -m api` is the command `vinculo`, also where the environment was moved."""

from api.cli import main

main()
