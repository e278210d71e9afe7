"""Words and numbers of the project: amounts, ids, instruments, time, errors. Pure; the only door to generated code."""
