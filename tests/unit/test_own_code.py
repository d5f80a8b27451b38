"""Which file names in a traceback are the learner's."""

import contextlib
import os
import site
import sys
import traceback

import numpy
import pytest

import course_utils
from course_utils import own_code, plots

NOT_OWN = (
    *(module.__file__ for module in (contextlib, numpy, plots)),
    os.path.join(site.getusersitepackages(), "theirs.py"),
    "/usr/lib/python3/dist-packages/theirs.py",
    "<frozen runpy>",
    "<string>",
)
OWN = (
    __file__,
    "/tmp/ipykernel_71/1234567.py",
    "<ipython-input-3-5d3f>",
    os.path.join(sys.prefix, "my_net.py"),
    f"{os.path.dirname(course_utils.__file__)}_of_mine.py",
)


@pytest.mark.parametrize("name", [*OWN, *NOT_OWN])
def test_whose_code_it_is(name):
    assert own_code.is_own(name) == (name in OWN)


def test_a_line_that_nobody_can_look_at_is_not_the_learners():
    made = {}
    exec(compile("def fails():\n    return 1 / 0", "made/by_a_program.py", "exec"), made)
    with pytest.raises(ZeroDivisionError) as raised:
        made["fails"]()
    frames = traceback.extract_tb(raised.value.__traceback__)
    assert frames[-1].lineno == 2 and own_code.own_frame(frames).line == 'made["fails"]()'
