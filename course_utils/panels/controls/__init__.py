"""Knobs: sliders and a grid of numbers, and the choice of one by what a parameter is given."""
