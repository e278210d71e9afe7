"""What an operator watches: metrics of a running engine."""
