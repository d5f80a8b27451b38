"""The loop: a step, a Trainer that keeps its History, `fit`, evaluation."""

from course_utils.training.history import History
from course_utils.training.steps import evaluate, sample_means, train_epoch
from course_utils.training.trainer import Trainer, fit

__all__ = ["History", "Trainer", "evaluate", "fit", "sample_means", "train_epoch"]
