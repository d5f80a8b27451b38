"""01-2: subtraction for the lesson's own `Value`."""

from course_utils.exercises import probes
from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "minus",
    kind="write",
    title="Subtraction for `Value`",
    size="fill in",
    minutes=5,
    text="When Python meets `a - b`, it calls the method `__sub__` of `a`, as it calls `__add__` for `a + b`. Write it "
    "as a function: `minus` returns a `Value` that knows its two slopes. When the check is content, "
    "`Value.__sub__ = minus` makes it a method. Then `backward(a - b)`, for a new `a = Value(5.0)` and "
    "`b = Value(3.0)`, leaves 1 and −1 in `a.grad` and `b.grad`.",
    hints=(
        "Look at `__add__`. What changes in the value, and what in the slopes?",
        "By how much does a − b change if b grows by 1?",
    ),
    remember="One operation is a value and one slope for each input. With `Value.__sub__ = minus` your `Value` can "
    "write `a - b`.",
)


class Value:
    """A number that remembers how it was made: for an answer that comes without its notebook's own."""

    def __init__(self, value, inputs=(), name=""):
        self.value, self.grad, self.name = value, 0.0, name
        self.inputs = inputs


def slope_in(number, result):
    """By how much `result` grows per unit of `number`, added up over all ways between them."""
    inputs = getattr(result, "inputs", ())
    return 1.0 if result is number else sum(slope * slope_in(number, other) for other, slope in inputs)


@exercise.probe
# same: all is drawn before the answer is called
def probe(minus, draw):
    own = probes.notebooks("Value", minus, Value)  # an answer may ask `isinstance(other, Value)`
    a, b = (own(number) for number in draw.randn(2).tolist())
    result = minus(a, b)
    yield "what `minus` returns, by its class,", None if result is None else type(result).__name__
    yield "the value of a − b", result.value
    # same: who has no inputs hears so by a diagnosis; True and False are never shown
    yield "whether the result has inputs", len(result.inputs) > 0
    yield "the list of slopes, in a and in b,", [slope_in(a, result), slope_in(b, result)]
    yield "the list of values that a and b have afterwards", [a.value, b.value]
    yield "the list of what is added to the `grad` of a and b before any `backward`,", [a.grad, b.grad]
    yield "the slope in a of a − a", slope_in(a, minus(a, a))


@exercise.solution
def solution(self, other):  # called for self - other
    slopes = [(self, 1.0), (other, -1.0)]
    return Value(self.value - other.value, slopes, "-")


exercise.starter("raise NotImplementedError  # its slopes, and the Value that has them")
exercise.edit("slopes_of_addition", "(other, -1.0)", "(other, 1.0)").says(
    "Those are the slopes of an addition. If `other` grows by 1, the difference *falls* by 1."
)
exercise.edit(
    "slopes_of_multiplication", "(self, 1.0), (other, -1.0)", "(self, other.value), (other, self.value)"
).says("Those are the slopes of a multiplication.")
exercise.edit(
    "wrong_way_round",
    "(self, 1.0), (other, -1.0)",
    "(self, -1.0), (other, 1.0)",
    "self.value - other.value",
    "other.value - self.value",
).says("You subtract the wrong way round: `self` stands on the left of the minus.")
exercise.edit("remembers_nothing", ', slopes, "-"', "").says(
    "The value is right, and it remembers nothing: without inputs and slopes `backward` ends there."
)
exercise.edit("bare_number", 'Value(self.value - other.value, slopes, "-")', "self.value - other.value").says(
    "You return the bare number. The result has to be a `Value`, or nothing can go back through it."
)
