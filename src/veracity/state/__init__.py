"""The engine's state: what it is, the one place that changes it, its hash and its snapshots. Pure."""
