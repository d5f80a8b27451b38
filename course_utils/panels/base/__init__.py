"""The base of every panel: its lifetime, its errors, and pictures on the screen."""
