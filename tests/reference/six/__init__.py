"""The algorithms of 6.1 and 6.12, where they differ from those of 3.x."""
