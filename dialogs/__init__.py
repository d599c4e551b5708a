"""Decides: the study, the conversation and the verdict, without IO, clock, randomness or language."""
