"""Datasets as tensors, split and cut into batches; the files behind them, whole or not at all."""

from course_utils.data.datasets import (
    DIGIT_NAMES,
    EMBEDDED_TRAIN,
    NAMES,
    Data,
    batches,
    cifar10,
    digits,
    image_folder,
    load,
    mnist,
    regression,
    split,
    tabular,
)

__all__ = [
    "DIGIT_NAMES",
    "EMBEDDED_TRAIN",
    "NAMES",
    "Data",
    "batches",
    "cifar10",
    "digits",
    "image_folder",
    "load",
    "mnist",
    "regression",
    "split",
    "tabular",
]
