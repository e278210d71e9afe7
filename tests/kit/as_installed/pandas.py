"""pandas is not among the packages that a user installs, only beside those of some test oracles. pyarrow looks for it at its
first array, and finding it takes half a second: here it looks, and goes on without, as it does for a user."""

raise ModuleNotFoundError("pandas is not in requirements/runtime.lock", name="pandas")
