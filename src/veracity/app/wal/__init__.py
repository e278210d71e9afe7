"""What `veracity wal` does: looking at a journal, judging it and caring for it. Nothing here runs a strategy."""
