"""Strategies, one file each: causal integer features and a pure decision. Pure."""
