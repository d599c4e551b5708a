"""What the screener is compared with. These run in an environment of their own and know nothing of the screener."""
