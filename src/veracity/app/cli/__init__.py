"""The command line. A module a command; whatever is heavy is imported inside the command that needs it."""
