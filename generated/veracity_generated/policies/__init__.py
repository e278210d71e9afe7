# Generated from specs/policies/.
# Do not edit: change the source, then run `make gen`.
"""Policies; one module each."""
