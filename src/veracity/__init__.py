"""A deterministic, event-sourced crypto trading engine: one engine for backtest, paper and live."""

if not __debug__:  # Asserts state what cannot happen; without them the engine would run on after a bug.
    raise SystemExit("veracity does not run under `python -O`: its assertions are part of the engine")

__version__ = "0.1.0"
