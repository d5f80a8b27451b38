from tests.lessons.exercise_answers import Answers

answers = Answers()


class Value:
    def __init__(self, value, inputs=(), name=""):
        self.value, self.grad, self.name = value, 0.0, name
        self.inputs = inputs

    def __add__(self, other):
        return Value(self.value + other.value, [(self, 1.0), (other, 1.0)], "+")

    def __mul__(self, other):
        return Value(self.value * other.value, [(self, other.value), (other, self.value)])


@answers.right
def minus(self, other):
    return Value(self.value - other.value, ((other, -1), (self, 1)))


answers.right(lambda a, b: a + b * Value(-1.0))
answers.right(lambda a, b: a + Value(-1.0) * b)
answers.right(lambda a, b: Value(a.value - b.value, [(a, 0.5), (a, 0.5), (b, -1)]))
answers.right(lambda a, b: a * Value(3.0) + a * Value(-2.0) + b * Value(-1.0))

answers.wrong("slopes_of_addition")(lambda a, b: Value(a.value - b.value, [(b, 1), (a, 1)]))
answers.wrong("slopes_of_multiplication")(lambda a, b: Value(a.value - b.value, [(b, a.value), (a, b.value)]))
answers.wrong("wrong_way_round")(lambda a, b: minus(b, a))
answers.wrong("remembers_nothing")(lambda a, b: Value(a.value - b.value, []))
answers.wrong("bare_number")(lambda a, b: a.value - b.value)
answers.unknown("What `minus` returns, by its class, is `None`")(lambda a, b: None)
answers.unknown("The value of a − b is")(lambda a, b: Value(3 * a.value, [(a, 1), (b, -1)]))
answers.unknown("The list of slopes, in a and in b, at [1] is 3, and -1 is right.")(
    lambda a, b: Value(a.value - b.value, [(a, 1), (b, 3)])
)
answers.unknown("The list of slopes, in a and in b, at [1] is 0, and -1 is right.")(
    lambda a, b: Value(a.value - b.value, [(a, 1)])
)
answers.unknown("The list of slopes, in a and in b, at [0] is 0")(
    lambda a, b: Value(a.value - b.value, [(Value(a.value), 1), (Value(b.value), -1)])
)
answers.unknown("The list of slopes, in a and in b, at [0] is 0")(
    lambda a, b: Value(a.value - b.value, [(a.value, 1), (b.value, -1)])
)


@answers.right
def minus_of_values(self, other):
    if not isinstance(other, Value):
        return NotImplemented
    return Value(self.value - other.value, [(self, 1.0), (other, -1.0)], "-")


@answers.unknown("The list of values that a and b have afterwards at [0] is")
def minus_in_place(self, other):
    result = Value(self.value - other.value, [(self, 1.0), (other, -1.0)])
    self.value = result.value
    return result


@answers.unknown("The slope in a of a − a is")
def minus_by_input(self, other):
    slopes = {self: 1.0}
    slopes[other] = -1.0
    return Value(self.value - other.value, slopes.items())


@answers.unknown(
    "The list of what is added to the `grad` of a and b before any `backward`, at [0] is 1, and 0 is right."
)
def minus_that_adds_to_grad(self, other):
    self.grad += 1.0
    other.grad -= 1.0
    return self + other * Value(-1.0)
