# Generated from src/veracity_gen/templates/machine_base.py.j2.
# Do not edit: change the source, then run `make gen`.
"""State machines; one module each."""
