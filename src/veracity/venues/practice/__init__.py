"""A venue to practise on, in a process of its own: an exchange in a box behind a socket, which outlives whoever trades on it."""
