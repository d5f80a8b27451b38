"""Datasets as tensors, split and cut into batches; the files behind them, whole or not at all."""

from course_utils.data import gate
from course_utils.data.datasets import (
    DIGIT_NAMES,
    EMBEDDED_TRAIN,
    NAMES,
    cifar10,
    digits,
    load,
    mnist,
    regression,
    tabular,
)
from course_utils.data.folders import image_folder
from course_utils.data.splits import split
from course_utils.data.tensors import Data, batches

__all__ = [
    "DIGIT_NAMES",
    "EMBEDDED_TRAIN",
    "NAMES",
    "Data",
    "batches",
    "cifar10",
    "digits",
    "gate",
    "image_folder",
    "load",
    "mnist",
    "regression",
    "split",
    "tabular",
]
