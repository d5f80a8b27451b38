"""A pad to draw on, whose drawing a model reads at once."""
