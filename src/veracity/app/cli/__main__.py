"""`python -m veracity.app.cli` is the command `veracity`."""

from veracity.app.cli.main import main

main()
