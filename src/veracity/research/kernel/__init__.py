"""The compiled kernel: the engine's own pure functions in one Numba loop (docs/decisions/0015-compiled-kernel.md)."""
