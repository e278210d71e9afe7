"""An exchange in a box: latency, slippage, matching, fees and funding over a recorded market. Pure and seeded."""
