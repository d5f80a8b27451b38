"""Lesson 02: Linear regression."""
