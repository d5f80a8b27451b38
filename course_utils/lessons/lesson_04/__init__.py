"""Lesson 04: CNN."""
