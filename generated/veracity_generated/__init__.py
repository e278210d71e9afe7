# Generated from schemas/, specs/machines/ and tickets/.
# Do not edit: change the source, then run `make gen`.
"""Models and tables generated from schemas/, specs/machines/ and tickets/. Only veracity.domain imports it."""
