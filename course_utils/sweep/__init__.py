"""Many Experiments at once."""

from course_utils.sweep.together import sweep

__all__ = ["sweep"]
