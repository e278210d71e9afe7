"""Traceability: from every ticket to its specification, its code and its test, and how good that proof is.

The room knows nothing of `veracity`: it reads tickets, features, test results and source text, and it
would serve another project as well.
"""
