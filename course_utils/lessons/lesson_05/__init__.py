"""Lesson 05: Optimizer comparison."""
