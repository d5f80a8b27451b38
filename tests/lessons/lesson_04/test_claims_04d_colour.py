"""What lesson 04 says of colour and of GPUs. The figures are those of a sample of CIFAR-10."""

import pytest
import torch
from torchvision.transforms import v2

LESSON = "04_cnn.ipynb"
pytestmark = pytest.mark.usefixtures("mnist")


def test_compose_is_the_loaders_normalisation(lesson, claim):
    # The picture is of bytes: 256 steps from 0 to 1, so 2/255 from one to the next once normalised. CIFAR-10's fit.
    photographs = "CIFAR-10" in lesson.train_c.source.split("(")[0]
    most = 1e-6 if photographs else 1.01 / 255  # rounding to the nearest is off by half a step at most
    claim("Compose against cifar10(normalize=...), largest difference", lesson.difference, most=most)
    lesson.says("CIFAR-10 comes in bytes, so at most a rounding of floats is lost.")
    newer = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])(lesson.picture)
    assert torch.allclose(newer, lesson.transforms.ToTensor()(lesson.picture), atol=1e-6)


def test_colour(lesson, claim):
    if "CIFAR-10" not in lesson.train_c.source.split("(")[0]:
        pytest.skip(f"the figures are CIFAR-10's, and the data here are {lesson.train_c.source}")
    claim("5,000 images of CIFAR-10, 4 epochs: test accuracy", lesson.accuracy, 0.33, 0.42)
    assert not lesson.own or lesson.accuracy > 0.35
    lesson.says("this reaches 35 to 40 % of 1,000 test images, depending on the seed (of five)")
    claim("best class minus worst", max(lesson.each) - min(lesson.each), least=0.3)


def test_what_times_a_gpu_runs_on_the_cpu_too(lesson):
    assert lesson.milliseconds("cpu", steps=1) > 0 and lesson.X.device.type == lesson.device.type
