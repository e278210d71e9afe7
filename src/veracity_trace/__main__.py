"""`python -m veracity_trace`."""

from veracity_trace.cli import main

main(prog_name="python -m veracity_trace")
