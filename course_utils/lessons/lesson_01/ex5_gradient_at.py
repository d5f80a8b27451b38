"""01-5: a gradient that leaves nothing behind."""

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "gradient_at",
    kind="write",
    title="A gradient that leaves nothing behind",
    size="write",
    minutes=5,
    text="`gradient_at(f, x)` returns the gradient of `f` at the tensor `x`: the same at each call, and `x` is "
    "afterwards as it was before. `f(x)` is a single number. The `x` that comes in does not require a gradient.",
    hints=(
        "The second call must not find what the first has left in `.grad`.",
        "Work on a leaf of your own: a copy of `x` that requires a gradient.",
        "`x.detach().clone().requires_grad_()` is such a copy.",
    ),
    remember="A fresh leaf for each question has no old gradient that anything could add to.",
)


@exercise.probe
def probe(gradient_at, draw):
    n = draw.size(5)
    x, scale = draw.randn(n), draw.randn(n)

    def f(x):
        return (scale * x**2).sum()

    yield "the gradient of f at x", gradient_at(f, x)
    yield "the gradient of f at x, asked for a second time,", gradient_at(f, x)
    yield "the gradient of another function at another point", gradient_at(lambda x: (x**3).mean(), 2 * scale)
    yield "`x` afterwards", x
    yield "`x.requires_grad` afterwards", x.requires_grad


@exercise.solution
def solution(f, x):
    leaf = x.detach().clone().requires_grad_()
    f(leaf).backward()
    return leaf.grad


exercise.starter("raise NotImplementedError  # the gradient of f at x; x stays as it was")
exercise.edit("adds_up", ".detach().clone()", "", "return leaf.grad", "return leaf.grad.clone()").says(
    "The second answer is exactly twice the right one: the gradient was not cleared between the two `backward()` calls."
)
exercise.edit(
    "leaves_it_recording",
    ".detach().clone()",
    "",
    "f(leaf)",
    "leaf.grad = None\n    f(leaf)",
    "return leaf.grad",
    "return leaf.grad.clone()",
).says("The gradient is right, but the caller's `x` requires a gradient from now on: work on a copy.")
exercise.edit("records_nothing", ".detach().clone().requires_grad_()", "").says(
    "Nothing was recorded, so `backward()` has no way to go: what `f` got requires no gradient, or recording was off."
)
exercise.edit("returns_the_value", "return leaf.grad", "return f(leaf).detach()").says(
    "You return the value of f, not its gradient. `backward()` writes the gradient into the leaf's `.grad`."
)
