"""Is what a sweep found what each Experiment finds alone?"""

import pytest


def assert_alike(histories, experiments, rel):
    """Every field equal to `Experiment.run()`'s: numbers to `rel`, the rest exactly; and the batches were the same."""
    for history, experiment in zip(histories, experiments, strict=True):
        alone = experiment.run()
        for name, value in vars(alone).items():
            mine = getattr(history, name)
            if name == "seconds":
                assert len(mine) == len(value) and all(seconds > 0 for seconds in mine)
            elif isinstance(value, list):
                assert mine == pytest.approx(value, rel=rel, nan_ok=True), (name, experiment)
            else:
                assert mine == value, (name, experiment)
