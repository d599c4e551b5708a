"""How fast the screener is beside others of its kind: everything on this computer, nothing measured by a test."""
