"""Networks of Linear layers side by side: each layer works on all networks at once, forward and backward.

Numbers run feature by feature, not example by example: one layer hands [K, *shape, B] to the next, for K networks and B
examples. That is what makes it quick: batched products of small matrices, and softmax over ten classes, take a fraction
of the time that way. The backward passes are written out, because autograd over the same layout takes 7 to 44 % longer.
"""

import copy

import torch
from torch import nn

from course_utils.sweep.networks import CannotStack, Networks, correct, losses

aten = torch.ops.aten


class _Layer:
    """What all layers share.

    Attributes:
        shapes: of its parameters in one network, in the order of `module.parameters()`.
        shape: of what it gives for one example.
        activations: how many numbers it makes for one example, in one network.
    """

    shapes = ()

    def bind(self, values, gradients):
        """Use the tensors [K, *shape] in `values` as parameters; write their gradients into `gradients`."""

    def forward(self, x):
        """Map [K, *shape, B], or [1, *shape, B] as long as all networks see the same, to the layer's output."""
        raise NotImplementedError

    def backward(self, d, down=True):
        """Return the gradient of the layer's input, given that of its output; write down those of the parameters.

        The first layer with parameters is called with `down=False`: nobody needs its input's gradient.
        """
        raise NotImplementedError


class _Linear(_Layer):
    def __init__(self, module, shape):
        if shape != (module.in_features,):
            raise CannotStack
        self.shape = (module.out_features,)
        self.activations = module.out_features
        self.shapes = tuple(parameter.shape for parameter in module.parameters())

    def bind(self, values, gradients):
        self._weight, self._bias = values if len(values) == 2 else (*values, None)
        self._weight_gradient, self._bias_gradient = gradients if len(gradients) == 2 else (*gradients, None)

    def forward(self, x):
        self._x = x.expand(len(self._weight), -1, -1)
        if self._bias is None:
            return torch.bmm(self._weight, self._x)
        return torch.baddbmm(self._bias.unsqueeze(2), self._weight, self._x)

    def backward(self, d, down=True):
        torch.bmm(d, self._x.transpose(1, 2), out=self._weight_gradient)
        if self._bias is not None:
            torch.sum(d, 2, out=self._bias_gradient)
        return torch.bmm(self._weight.transpose(1, 2), d) if down else None


class _Flatten(_Layer):
    activations = 0

    def __init__(self, module, shape):
        if (module.start_dim, module.end_dim) != (1, -1):
            raise CannotStack
        self.shape = (torch.Size(shape).numel(),)

    def forward(self, x):
        self._shape = x.shape[1:-1]
        return x.flatten(1, -2)

    def backward(self, d, down=True):
        return d.unflatten(1, self._shape)


class _Activation(_Layer):
    def __init__(self, module, shape):
        self._module, self._slope = module, _SLOPES[type(module)]
        self.shape = shape
        self.activations = torch.Size(shape).numel()

    def forward(self, x):
        self._x, self._y = x, self._module.forward(x)
        return self._y

    def backward(self, d, down=True):
        return self._slope(self._module, d, self._x, self._y)


# The gradient of the input x, given that of the output y, by the kernels that autograd calls.
_SLOPES = {
    nn.Sigmoid: lambda module, d, x, y: aten.sigmoid_backward(d, y),
    nn.Tanh: lambda module, d, x, y: aten.tanh_backward(d, y),
    nn.ReLU: lambda module, d, x, y: aten.threshold_backward(d, y, 0),
    nn.LeakyReLU: lambda module, d, x, y: aten.leaky_relu_backward(d, x, module.negative_slope, False),
    nn.GELU: lambda module, d, x, y: aten.gelu_backward(d, x, approximate=module.approximate),
    nn.Identity: lambda module, d, x, y: d,
}
_LAYERS = {nn.Linear: _Linear, nn.Flatten: _Flatten} | dict.fromkeys(_SLOPES, _Activation)


def stackable(model, shape):
    """Can `StackedNetwork` hold networks like `model`, for examples of `shape`?

    It can if the model is an `nn.Sequential` (of such Sequentials) of Linear, Flatten and the activations of
    `models.ACTIVATIONS`, with every parameter trained and used once.
    """
    try:
        _layers(model, tuple(shape))
    except CannotStack:
        return False
    return True


def _modules(model):
    """The leaves of nested Sequentials, in the order they are applied."""
    if type(model) is not nn.Sequential:
        return [model]
    return [leaf for module in model for leaf in _modules(module)]


def _layers(model, shape):
    parameters = list(model.parameters())
    layers = []
    for module in _modules(model):
        if type(module) not in _LAYERS:  # a subclass may compute something else
            raise CannotStack
        layers.append(_LAYERS[type(module)](module, shape))
        shape = layers[-1].shape
    held = sum(len(layer.shapes) for layer in layers)  # more than `parameters`, if two layers share one
    if not parameters or held != len(parameters) or not all(p.requires_grad for p in parameters):
        raise CannotStack
    return layers


class StackedNetwork(Networks):
    """Networks of Linear layers and activations, computed layer by layer for all of them."""

    def __init__(self, models, shape, device):
        """Take over the parameters of `models`, which are `stackable` and alike, for examples of `shape`."""
        self._input = tuple(shape)
        self._layers = _layers(models[0], self._input)
        self.shape = self._layers[-1].shape
        self.activations = sum(layer.activations for layer in self._layers)
        self._bind(torch.stack([nn.utils.parameters_to_vector(m.parameters()).detach() for m in models]).to(device))
        self.nbytes = self.values[0].nbytes

    def only(self, rows):
        some = copy.copy(self)
        some._bind(self.values[rows])
        return some

    def _bind(self, values):
        self.values, self.gradients = values, torch.empty_like(values)
        self._layers = [copy.copy(layer) for layer in self._layers]
        at = 0
        for layer in self._layers:
            views = []
            for shape in layer.shapes:
                size = torch.Size(shape).numel()
                views.append([whole[:, at : at + size].unflatten(1, shape) for whole in (values, self.gradients)])
                at += size
            if views:
                layer.bind(*zip(*views, strict=True))

    @torch.no_grad()
    def train_step(self, X, y):
        outputs, y = self._forward(X, y)
        right = correct(outputs, y)
        loss, rest = losses(outputs, y)
        d = _slope(rest, y)
        first = next(i for i, layer in enumerate(self._layers) if layer.shapes)
        for i in range(len(self._layers) - 1, first - 1, -1):
            d = self._layers[i].backward(d, down=i > first)
        return loss, right

    def _forward(self, X, y):
        if X.dim() == len(self._input) + 1:
            X, y = X.unsqueeze(0), y.unsqueeze(0)
        x, y = X.movedim(1, -1), y.movedim(1, -1)
        for layer in self._layers:
            x = layer.forward(x)
        return x, y.expand(len(self), *y.shape[1:])


def _slope(rest, y):
    """The gradient of the outputs: 2·error for squared error, softmax minus one-hot for cross-entropy."""
    if y.is_floating_point():
        return rest * (2 / rest[0].numel())
    d = rest.exp_()
    d.scatter_add_(1, y.unsqueeze(1), d.new_full((), -1).expand(len(d), 1, d.shape[2]))
    return d.div_(d.shape[2])
