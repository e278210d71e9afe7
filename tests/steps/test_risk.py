"""Collects the scenarios about risk; their steps are in conftest.py."""

from pytest_bdd import scenarios

scenarios("risk")
