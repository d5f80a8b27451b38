"""Is the machine free, so that what is measured means something? And if not, who disturbs?"""

import dataclasses
import os
import statistics
import time

import numpy as np
import psutil

# Measured on two cores, forty times each: the spread is 2 to 19 % on a free machine; beside one busy process, for which
# the second core is left, it is hardly more; beside two or three it is 118 to 250 %. One is found by what it uses.
SPREAD = 0.6
LOAD = 0.35  # a core: 0.7 on two cores, which an idle desktop stays below
USED = 25  # percent of one core that all other processes may use together
NAMED = 3  # how many of them a sentence names
_NUMBERS = np.linspace(0, 1, 400_000)


@dataclasses.dataclass
class Look:
    """What the machine was like at one moment.

    Attributes:
        load: the load average of the last minute: how many processes computed or waited to.
        spread: of the calibration, a fraction (see `calibration`).
        others: (percent of one core, name, pid) of each process but this one that uses the CPU, most first.
        judge_load: does the load count? Not where this program computed within the last minute.
    """

    load: float
    spread: float
    others: list
    judge_load: bool = True

    @property
    def trouble(self):
        """What is wrong, the middle of a sentence; "" on a free machine."""
        flaws, most = [], LOAD * os.cpu_count()
        if self.judge_load and self.load > most:
            flaws.append(f"the load is {self.load:.1f} (at most {most:.1f})")
        if self.spread > SPREAD:
            flaws.append(f"a fixed computation takes up to {100 * self.spread:.0f} % longer")
        used = sum(percent for percent, _, _ in self.others)
        if used > USED:
            flaws.append(f"others use {used:.0f} % of a core (at most {USED} %)")
        if not flaws:
            return ""
        named = ", ".join(f"{name} (pid {pid}, {percent:.0f} % CPU)" for percent, name, pid in self.others[:NAMED])
        return f"{' and '.join(flaws)}; at work: {named or 'no process that could be seen'}"

    def told(self, after):
        """Sentences for results.md on this look before the measurement and on that `after` it."""
        whose = "" if self.judge_load else " (that of the part before)"
        told = f"Load before: {self.load:.1f}{whose}; a fixed computation varied by {100 * self.spread:.0f} %."
        trouble = self.trouble or after.trouble
        return f"{told} **Measured on a busy machine:** {trouble}." if trouble else told


def look(judge_load=True):
    """Take a `Look`; lasts about a second."""
    return Look(os.getloadavg()[0], calibration(), others(), judge_load)


def calibration(times=60):
    """How much a fixed computation of 3 ms on one thread varies, a fraction: the median of three spreads.

    A spread is (90th percentile - least) / least of the seconds of `times` repetitions. Of three, since even on a free
    machine one in eighty is as large as on a busy one.
    """
    return statistics.median(_spread(times) for _ in range(3))


def _spread(times):
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        np.sin(_NUMBERS)
        seconds.append(time.perf_counter() - start)
    return sorted(seconds)[int(0.9 * (times - 1))] / min(seconds) - 1


def others(window=0.5):
    """(percent of one core, name, pid) of each process but this one that used the CPU for `window` seconds."""
    running = [process for process in psutil.process_iter(["name"]) if process.pid != os.getpid()]
    before, start = [_seconds(process) for process in running], time.perf_counter()
    time.sleep(window)
    gone = time.perf_counter() - start
    used = []
    for process, seconds in zip(running, before, strict=True):
        used.append((100 * (_seconds(process) - seconds) / gone, process.info["name"], process.pid))
    return sorted((one for one in used if one[0] >= 1), key=lambda one: -one[0])


def _seconds(process):
    """CPU time that the process has used so far; 0 where it has ended or may not be looked at."""
    try:
        return sum(process.cpu_times()[:2])
    except psutil.Error:
        return 0.0
