"""What lesson 05 stores: two sweeps, as whole numbers of images, without pickle."""

import numpy as np
import pytest

from course_utils.lessons.lesson_05 import sweeps
from tools.stored import lesson_05


def test_what_is_stored_is_small_and_has_the_shapes_that_are_told():
    assert sweeps.FILE.stat().st_size < 50_000
    for images, epochs in (("8×8 digits", 30), ("MNIST", 5)):
        found = sweeps.stored(images)
        assert found.valid.shape == (len(sweeps.OPTIMIZERS), len(sweeps.RATES), 3, epochs)
        assert found.fresh.shape == (len(sweeps.OPTIMIZERS), 8)
        assert np.nanmin(found.valid) >= 0 and np.nanmax(found.valid) < 1
    with pytest.raises(KeyError, match="CIFAR"):
        sweeps.stored("CIFAR")


def test_it_is_read_without_pickle():
    with np.load(sweeps.FILE, allow_pickle=False) as file:
        assert {array.dtype for array in file.values()} == {np.dtype(np.int16)}


def test_fractions_become_counts_and_back(tmp_path, monkeypatch):
    fractions = np.array([[1.0, 0.5, np.nan]])
    counts = lesson_05.counts(fractions, 6)
    assert counts.tolist() == [[6, 3, -1]]
    arrays = {f"{name}_{what}": counts for name in sweeps.IMAGES.values() for what in ("valid", "fresh")}
    arrays |= {f"{name}_images": np.array([6, 6]) for name in sweeps.IMAGES.values()}
    monkeypatch.setattr(sweeps, "FILE", tmp_path / "sweeps.npz")
    np.savez(sweeps.FILE, **arrays)
    sweeps.stored.cache_clear()
    assert sweeps.stored("MNIST").valid == pytest.approx(fractions, nan_ok=True)
    sweeps.stored.cache_clear()
