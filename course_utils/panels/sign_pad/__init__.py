"""A pad that collects: signs of a learner's own, kept in a file beside the notebooks."""
