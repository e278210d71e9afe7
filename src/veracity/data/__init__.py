"""Market data: reading files exactly, refusing what is wrong with them, and naming what they contain by a hash.

A file becomes findings or columns of whole numbers, never both: what is wrong with it is told all at once, and nothing is
repaired, filled in or cast on the way (specs/data/datasets.md, specs/backtest/data.md).
"""
