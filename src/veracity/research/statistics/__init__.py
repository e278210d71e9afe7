"""Statistics that say how far a backtest may be believed: pure functions of arrays, seeded where they draw.

Sharpe ratios are per period and kurtosis is raw (normal = 3) everywhere. What cannot be computed is a `Ratio` without a
value and with its reason.
"""
