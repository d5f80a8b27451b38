"""The bug clinic: programs to repair."""
