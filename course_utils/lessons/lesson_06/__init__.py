"""Lesson 06: Ways to build models."""
