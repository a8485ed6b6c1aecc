"""Ratios measured in one run: the core against a yardstick in C and against the plain reference."""
