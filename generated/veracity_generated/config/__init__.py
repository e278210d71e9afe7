# Generated from schemas/config/.
# Do not edit: change the source, then run `make gen`.
"""Models of schemas/config/; one module each."""
