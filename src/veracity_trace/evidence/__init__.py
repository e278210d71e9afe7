"""Mutation evidence: a fault is planted in the code that a ticket claims, and one of its tests has to notice.

`claims` finds the claimed code, `mutants` derives faults from its syntax, `plant` puts one into a live process, `session`
is the warm pytest run that forks a child for every trial, `worker` is the other end of its line, and `search` decides which
trial comes next. docs/decisions/0003-evidence-levels.md says what a kill proves, and what it does not.
"""
