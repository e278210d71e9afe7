"""Risk rules, one file each: `check(intent, view, limits)` answers None, a smaller quantity or a denial. Pure."""
