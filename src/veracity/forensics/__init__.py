"""What a run leaves behind: its directory, manifest, event log and audit trail. Disk; clock and environment are handed in."""
