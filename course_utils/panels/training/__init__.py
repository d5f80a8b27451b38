"""The panel that edits an Experiment and drives its Run."""
