"""Venues at the edge: how their calls are tried again. No exchange is reached from here yet."""
