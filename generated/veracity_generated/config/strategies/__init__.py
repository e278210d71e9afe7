# Generated from schemas/config/strategies/.
# Do not edit: change the source, then run `make gen`.
"""Models of schemas/config/strategies/; one module each."""
