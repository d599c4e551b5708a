"""The fault campaign: hundreds of people screen themselves while everything around the program fails."""
