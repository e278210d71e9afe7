"""Writes `generated/veracity_generated/` from `schemas/`, `specs/machines/` and `tickets/`.

`python -m veracity_gen` writes; `python -m veracity_gen --check` changes nothing and exits 1 on any difference.
Why it is built like this: docs/decisions/0002-generation.md.
"""
