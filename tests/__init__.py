"""Tests. A package of its own name, because textstat installs another one called tests."""
