"""Lesson 01: Autograd and gradient accumulation."""
