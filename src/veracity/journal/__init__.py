"""The write-ahead log: numbered payloads as checked lines of text on disk (docs/journal-format.md).

The room moves (seq, bytes). It knows nothing of events, state or strategies.
"""
