# Generated from schemas/reports/.
# Do not edit: change the source, then run `make gen`.
"""Models of schemas/reports/; one module each."""
