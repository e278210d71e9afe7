"""The wirings (backtest, paper, live), config, and the command line."""
