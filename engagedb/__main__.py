"""`python -m engagedb` is the command line."""

from engagedb.cli import main

main()
