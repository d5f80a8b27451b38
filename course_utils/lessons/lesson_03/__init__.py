"""Lesson 03: MLP: sigmoid against ReLU."""
