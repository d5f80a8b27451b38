"""What the usual errors mean, in a sentence: said below an error that no known mistake explains."""

import re

_MEANINGS = {
    r"object has no attribute 'backward'": "A bare number has no `backward()`: `.item()` takes the number out of the "
    "tensor, and belongs behind it.",
    r"does not require grad and does not have a grad_fn": "Nothing was recorded on the way to what `backward()` starts "
    "from: it was computed under `no_grad`, cut loose (`detach`, `.item()`, `argmax`), or from nothing that requires "
    "a gradient.",
    r"grad can be implicitly created only for scalar": "`backward()` starts from *one* number, and this tensor has "
    "several: a sum or a mean comes first.",
    r"backward through the graph a second time": "Two `backward()` calls go through the same graph: it stands twice "
    "for one forward, or something of an earlier round, a sum of losses for example, is still part of this one.",
    r"a leaf Variable that requires grad is being used in an in-place": "A leaf is changed in place while its changes "
    "are recorded: an update belongs under `torch.no_grad()`.",
    r"Boolean value of Tensor with more than one": "A whole tensor stands where one True or False is wanted. (A class "
    "like `nn.MSELoss` takes settings; its object takes the data: `nn.MSELoss()(a, b)`.)",
    r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)": "A layer, or an `@`, gets rows of "
    "{1} numbers and was made for {2}.",
    r"size mismatch, got input": "The two sides of an `@` do not fit: a row on the left has as many numbers as the "
    "right side has rows.",
    r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\)": "Two tensors meet that do not fit: {0} "
    "numbers on one side, {1} on the other.",
    r"Expected floating point type for target with class probabilities": "The loss got whole numbers where it wants "
    "logits: answers (`argmax`) instead of logits, or the labels first.",
    r"0D or 1D target tensor expected|Expected target size|multi-target not supported": "The loss got its labels in a "
    "shape that it does not take. It takes `[B]`: one whole number for each example, the class.",
    r"(?:mean|std|var)\(\): |[Ii]nput dtype.* floating": "True and False or whole numbers have no mean in torch: make "
    "them floats first, `.float()`.",
    r"log_softmax.*not implemented for 'Long'": "The loss got whole numbers, the labels, where it wants logits: the "
    "logits come first.",
    r"not implemented for 'Complex": "These numbers are complex, and have no order: `eigvalsh` gives real ones for a "
    "symmetric matrix.",
    r"not implemented for '(Long|Int|Bool)'": "Whole numbers, or True and False, stand where floats are wanted.",
    r"Dimension out of range": "There is no such dimension: they are counted from 0.",
    r"shape of the mask": "The mask has another length than what it selects from.",
    r"Can't call numpy\(\) on Tensor that requires grad": "The tensor still hangs on its graph: `.detach()` or "
    "`.item()` first.",
    r"Tensor with (\d+) elements cannot be converted": "`.item()` is for a tensor of one number, and this one has {0}.",
    r"unsupported operand type.*NoneType": "One of the two is `None`. A `.grad` is `None` before `backward()` and "
    "after clearing. A function without `return` gives `None`, too.",
    r"'NoneType' object": "Something is `None` here: a function without `return` gives it, and so does a `.grad` "
    "before `backward()`.",
    r"missing \d+ required positional argument.*'self'": "A method is asked of the class itself, not of an object: "
    "call the class first.",
    r"takes .* positional arguments? but|missing \d+ required positional": "It is called with another number of "
    "arguments than it takes.",
    r"name '(\w+)' is not defined": "`{0}` is neither an argument of your function nor made in it.",
    r"local variable|cannot access local": "It has no value here: nothing in this function has given it one yet, or "
    "`del` took it away. `+=` and the like need something to begin with.",
    r"'(\w+)' object is not callable": "A {0} is called like a function: its name may have belonged to a function "
    "before.",
    r"'(?:function|method|builtin_function_or_method)' object (?:has no|is not)": "The function itself stands here, "
    "not its result: parentheses are missing.",
    r"'type' object does not support the context manager": "`with` wants an object: the parentheses behind the class "
    "are missing.",
    r"__enter__": "`with` is for blocks like `torch.no_grad()`, an object: neither a class nor a function.",  # 3.10
    r"'function' object does not support the context manager": "`with` got a function. `torch.no_grad()` and its like "
    "are blocks with their parentheses, and with nothing in them.",
    r"'(\w+)' object does not support the context manager": "`with` is for blocks like `torch.no_grad()`, and a {0} "
    "is none.",
    r"descriptor '__init__'.* requires a 'super'|descriptor '__init__' of 'super'": "`super` stands without its "
    "parentheses: `super().__init__()`.",
    r"'(list|tuple|dict)' object has no attribute '(\w+)'": "A {0} has no `{1}`. Is it another object that you "
    "mean, or one of its entries?",
    r"object of type '(zip|map|generator|filter)'|'(?:zip|map|generator|filter)' object": "Such an object can be gone "
    "through once, and has no length: make a list of it.",
    r"cannot unpack non-iterable (\w+)": "One value, a {0}, stands where several are taken apart.",
    r"values to unpack": "There are more or fewer values here than names for them.",
    r"ellipsis": "A blank is still empty: the three dots stand there.",
    r"(?:list|tuple|generator) is not a Module subclass": "It takes layers one by one: a list is unpacked with a star, "
    "`*layers`.",
    r"is not a Module subclass": "It takes layers, that is, objects: a class is called first, `nn.ReLU()`.",
    r"before Module.__init__\(\) call": "`super().__init__()` has to come first in `__init__`.",
    r"assigned grad expected to be a Tensor or None": "`.grad` holds a tensor or `None`, and no bare number.",
    r"division.* by zero": "Something is divided by 0: is every number taken from its right place?",
    r"maximum recursion depth": "It calls itself, without an end.",
}


def meaning(message):
    """What an error's message means, or "" if none of the usual ones is in it."""
    for pattern, words in _MEANINGS.items():
        found = re.search(pattern, message)
        if found:
            return words.format(*found.groups())
    return ""
