"""The SMA task in other engines, side by side with this one."""
