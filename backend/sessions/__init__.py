"""Sessions: one actor each, the single owner of its lab."""
