"""Lesson 08: your own signs."""
