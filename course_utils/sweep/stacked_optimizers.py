"""The optimizers of torch.optim for many networks at once, each with hyperparameters of its own.

The formulas are those of PyTorch's documentation (https://docs.pytorch.org/docs/stable/optim.html#algorithms). All act
element by element, so the parameters of one network can be one row of a matrix, and its hyperparameters a row of
columns [K, 1].
"""

import torch

from course_utils import optimizers


def update_key(experiment):
    """Return what must agree for two Experiments to share a `StackedOptimizer`: a comparable, sortable value.

    That is the optimizer's name, its switches (such as `nesterov`), and which of momentum and weight decay are at work.
    The numbers may differ.
    """
    settings = _settings(experiment)
    switches = sorted(name for name, value in settings.items() if value is True)
    at_work = [name for name in ("momentum", "weight_decay") if settings.get(name)]
    return experiment.optimizer, tuple(switches), tuple(at_work)


class StackedOptimizer:
    """An optimizer of torch.optim over K rows of parameters, one network each."""

    def __init__(self, experiments, values, total_steps):
        """For `experiments` of one `update_key`; `values` [K, P] are the parameters that it will step so many times."""
        name, self._switches, self._at_work = update_key(experiments[0])
        self._update = _UPDATES[name]
        self._decoupled = name == "AdamW" or "decoupled_weight_decay" in self._switches
        settings = [_settings(experiment) for experiment in experiments]
        # Kept in double precision on the CPU: in single, 1 - 0.999 ** step is off in the fourth digit.
        self._exact = {
            key: torch.tensor([[float(row[key])] for row in settings], dtype=torch.float64)
            for key, value in settings[0].items()
            if type(value) in (int, float)
        }
        plans = [(experiment.schedule, experiment.lr) for experiment in experiments]
        rates = {plan: optimizers.Rates(*plan, total_steps) for plan in plans}
        self._rates = [rates[plan] for plan in plans]
        self._scheduled = any(schedule != "constant" for schedule, _ in plans)
        self._like = values[:0]
        self._columns = self._constants()
        self._state = {}
        self._steps = 0

    def __len__(self):
        return len(self._exact["lr"])

    def keep(self, rows):
        """Go on with the networks in `rows` (indices) only."""
        self._exact = {key: column[rows] for key, column in self._exact.items()}
        self._rates = [self._rates[row] for row in rows]
        self._columns = self._constants()
        self._state = {key: state[rows] for key, state in self._state.items()}

    def step(self, values, gradients):
        """Update `values` [K, P] in place, given their `gradients` [K, P]."""
        if self._scheduled:
            rates = [[rates[self._steps]] for rates in self._rates]
            self._exact["lr"] = torch.tensor(rates, dtype=torch.float64)
            self._columns |= self._of_lr()
        self._steps += 1
        if "maximize" in self._switches:
            gradients = -gradients
        if "weight_decay" in self._at_work:
            if self._decoupled:
                values.mul_(self._columns["decay"])
            else:
                gradients = gradients.addcmul(values, self._columns["weight_decay"])
        self._update(self, values, gradients, self._columns)

    def _constants(self):
        """The columns that stay as they are until the rate changes, [K, 1], where the parameters are."""
        exact = self._exact
        columns = {key: self._there(column) for key, column in exact.items()}
        columns |= {f"1 - {key}": self._there(1 - column) for key, column in exact.items()}
        return columns | self._of_lr()

    def _of_lr(self):
        lr = self._exact["lr"]
        return {"-lr": self._there(-lr), "decay": self._there(1 - lr * self._exact["weight_decay"])}

    def _there(self, column):
        return column.to(self._like)

    def _memory(self, name, like, fill=0.0):
        """What the optimizer remembers under `name`, [K, P]; at first all `fill`, a number or a column."""
        if name not in self._state:
            self._state[name] = torch.zeros_like(like) + fill
        return self._state[name]

    def _sgd(self, values, g, c):
        if "momentum" in self._at_work:
            if "buffer" in self._state:
                buffer = self._state["buffer"].mul_(c["momentum"]).addcmul_(g, c["1 - dampening"])
            else:
                buffer = self._state["buffer"] = g.clone()
            g = g.addcmul(buffer, c["momentum"]) if "nesterov" in self._switches else buffer
        values.addcmul_(g, c["-lr"])

    def _rmsprop(self, values, g, c):
        square = self._memory("square", g).mul_(c["alpha"]).addcmul_(g, g * c["1 - alpha"])
        if "centered" in self._switches:
            mean = self._memory("mean", g).lerp_(g, c["1 - alpha"])
            root = square.addcmul(mean, mean, value=-1).sqrt_().add_(c["eps"])
        else:
            root = square.sqrt().add_(c["eps"])
        if "momentum" in self._at_work:
            buffer = self._memory("buffer", g).mul_(c["momentum"]).addcdiv_(g, root)
            values.addcmul_(buffer, c["-lr"])
        else:
            values.addcdiv_(g * c["-lr"], root)

    def _adagrad(self, values, g, c):
        total = self._memory("total", g, fill=c["initial_accumulator_value"]).addcmul_(g, g)
        lr = self._exact["lr"] / (1 + (self._steps - 1) * self._exact["lr_decay"])
        values.addcdiv_(g * self._there(-lr), total.sqrt().add_(c["eps"]))

    def _adadelta(self, values, g, c):
        square = self._memory("square", g).mul_(c["rho"]).addcmul_(g, g * c["1 - rho"])
        moved = self._memory("moved", g)
        delta = moved.add(c["eps"]).sqrt_().div_(square.add(c["eps"]).sqrt_()).mul_(g)
        moved.mul_(c["rho"]).addcmul_(delta, delta * c["1 - rho"])
        values.addcmul_(delta, c["-lr"])

    def _adam(self, values, g, c):
        mean = self._memory("mean", g).lerp_(g, c["1 - beta1"])
        square = self._memory("square", g).mul_(c["beta2"]).addcmul_(g, g * c["1 - beta2"])
        if "amsgrad" in self._switches:
            square = torch.maximum(self._memory("largest", g), square, out=self._memory("largest", g))
        correction = [1 - self._exact[beta] ** self._steps for beta in ("beta1", "beta2")]
        root = square.sqrt().mul_(self._there(correction[1].rsqrt())).add_(c["eps"])
        values.addcdiv_(mean * self._there(-self._exact["lr"] / correction[0]), root)


_UPDATES = {
    "SGD": StackedOptimizer._sgd,
    "RMSprop": StackedOptimizer._rmsprop,
    "Adagrad": StackedOptimizer._adagrad,
    "Adadelta": StackedOptimizer._adadelta,
    "Adam": StackedOptimizer._adam,
    "AdamW": StackedOptimizer._adam,
}


def _settings(experiment):
    """All hyperparameters by name, those left to PyTorch included; betas as two numbers."""
    nothing = [torch.zeros(1, requires_grad=True)]
    optimizer = optimizers.build(experiment.optimizer, nothing, experiment.lr, experiment.optimizer_args)
    group = optimizer.param_groups[0]
    settings = {key: value for key, value in group.items() if key != "params"}
    if "betas" in settings:
        settings["beta1"], settings["beta2"] = settings.pop("betas")
    return settings
