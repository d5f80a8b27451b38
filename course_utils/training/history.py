"""What happened while a model was trained."""

import dataclasses
import math


@dataclasses.dataclass(eq=False)
class History:
    """What happened while a model was trained. Losses in nats (classes) or squared units (numbers).

    Two histories are equal if everything but the seconds is, to the last bit (and NaN equals NaN).

    Attributes:
        train_loss, train_accuracy: one float an epoch, means over the samples *while* training, when each
            batch met a slightly different model. Accuracies are fractions in 0..1, NaN where the target is a number.
        valid_loss, valid_accuracy: after each epoch, if there is a validation set.
        test_loss, test_accuracy: after each epoch; once, at the end, if there is a validation set.
        step_loss, step_accuracy: one float a step, the means over its batch just before the update.
        has_accuracy: whether the targets are classes; before the first step of a `Trainer` it is True.
        steps_per_epoch: batches in an epoch.
        changes: (step, name, value) for each setting altered on the way.
        source: the data's, for titles.
        threads, device: what it was computed with.
        seconds: wall-clock time of each epoch, evaluation included.
    """

    train_loss: list = dataclasses.field(default_factory=list)
    train_accuracy: list = dataclasses.field(default_factory=list)
    valid_loss: list = dataclasses.field(default_factory=list)
    valid_accuracy: list = dataclasses.field(default_factory=list)
    test_loss: list = dataclasses.field(default_factory=list)
    test_accuracy: list = dataclasses.field(default_factory=list)
    step_loss: list = dataclasses.field(default_factory=list)
    step_accuracy: list = dataclasses.field(default_factory=list)
    has_accuracy: bool = True
    steps_per_epoch: int = 0
    changes: list = dataclasses.field(default_factory=list)
    source: str = ""
    threads: int = 0
    device: str = "cpu"
    seconds: list = dataclasses.field(default_factory=list)

    def __eq__(self, other):
        if not isinstance(other, History):
            return NotImplemented
        # The repr of a float is exact, and that of NaN equals itself.
        return repr(vars(self) | {"seconds": None}) == repr(vars(other) | {"seconds": None})

    def __repr__(self):
        return "\n".join(map(self.line, range(len(self.train_loss)))) or "no epoch finished yet"

    @property
    def diverged_at(self):
        """The step whose loss was the first not to be a finite number, or None. Training stops there."""
        return None if not self.step_loss or math.isfinite(self.step_loss[-1]) else len(self.step_loss) - 1

    def line(self, epoch):
        """What epoch number `epoch` (from 0) brought, in one line."""
        parts = []
        for name in ("train", "valid", "test"):
            losses, accuracies = getattr(self, f"{name}_loss"), getattr(self, f"{name}_accuracy")
            at = epoch
            if name == "test" and self.valid_loss:
                at = epoch - len(self.train_loss) + len(losses)  # looked at once, after the last epoch
            if 0 <= at < len(losses):
                accuracy = f", accuracy {accuracies[at]:6.1%}" if self.has_accuracy else ""
                parts.append(f"{name}: loss {losses[at]:.4g}{accuracy}")
        return f"epoch {epoch + 1:2d}  " + "  ".join(parts)

    def close_epoch(self, seconds, **means):
        """Write down what the next epoch brought. Broken off anywhere, it can be called again.

        Args:
            seconds: its wall-clock time.
            means: (loss, accuracy) of "train", and of "valid" and "test" if they were evaluated.
        """
        for name, pair in means.items():
            place = 0 if name == "test" and "valid" in means else len(self.seconds)
            for what, value in zip(("loss", "accuracy"), pair, strict=True):
                getattr(self, f"{name}_{what}")[place:] = [value]
        self.seconds.append(seconds)
