"""Days of use: every kind of panel made, played and closed, again and again, in one kernel."""

import json

from tests.faults.test_messages import PREPARE
from tests.kernels import Kernel

CYCLES, WARM_UP, MIB = 300, 10, 20
# Each is the value of its cell too, as in a lesson: `Out` is not to keep it.
CELLS = {name: f"cell = panels['{name}']\ncell" for name in ("training", "explorer", "pad", "signs", "guess")}
MAKE = """
panels = all_kinds()
seen += [weakref.ref(one) for one in (*panels.values(), panels["training"].run, panels["explorer"].figure)]
"""
PLAY = """
training = panels["training"]
training.play(); training.wait(30); training.reset(); training.step(); training.wait(30)
panels["explorer"].controls["a"].value = 0.5
panels["pad"].strokes = [[[10, 10], [100, 100]]]
panels["signs"].keep([[[10, 10], [100, 100]]], "arrow", id=len(seen))
panels["signs"].delete(len(seen))
text = panels["guess"].reveal("one", of="which")
del training
"""
LOOK = """
panels = cell = None
for one in list(live): one.close()
gc.collect()
print(json.dumps({
    "MiB": psutil.Process().memory_info().rss / 2**20, "comms": len(get_comm_manager().comms),
    "threads": threading.active_count(), "files": psutil.Process().num_fds(),
    "panels": sum(one() is not None for one in seen),
}))
"""


def cycles(kernel, count):
    for _ in range(count):
        kernel.run(MAKE, "make")
        for name, source in CELLS.items():
            kernel.run(source, name)
        kernel.run(PLAY, "play")
        kernel.run("cell = None", "make")
    return json.loads(kernel.run(LOOK).splitlines()[-1])


def test_long_use(row, times, tmp_path):
    """Cycles of making, playing and closing every kind of panel."""
    count = CYCLES if times >= 100 else 5 * times
    with Kernel(tmp_path, COURSE_HEADLESS="0", COURSE_OFFLINE="1") as kernel:
        kernel.run(PREPARE, seconds=120)
        kernel.run("import gc, threading, weakref, psutil\nfrom comm import get_comm_manager\nseen = []")
        before = cycles(kernel, min(WARM_UP, count))
        after = cycles(kernel, count)
    row.seen = f"{count} cycles: {before} → {after}"
    with row.attempt("flat"):
        assert after["panels"] == 0 and after["MiB"] - before["MiB"] < MIB
        assert all(after[what] <= before[what] for what in ("comms", "threads", "files")), row.seen
