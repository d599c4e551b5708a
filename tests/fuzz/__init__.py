"""Hostile input: made from a seed for the tests, and guided by coverage for `make fuzz`."""
