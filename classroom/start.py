"""Starts a learner's server, as that learner: `start.py LESSONS FOLDER COMMAND…` hands out lessons, then runs COMMAND.

Each file of LESSONS that FOLDER lacks is copied there. One that is as it was handed out follows its original; one that
its learner has changed stays, and a newer original is put beside it as "03_mlp (new).ipynb".
"""

import hashlib
import json
import os
import pathlib
import shutil
import sys

RECORD = ".handed-out.json"  # {path in FOLDER: digest of what was put there last}


def digest(path):
    """A checksum of the file at `path`; None where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def hand_out(lessons, folder):
    """Bring `folder` up to the lessons without touching what somebody has written; returns what is new or newer."""
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / RECORD
    try:
        given = dict(json.loads(record.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):  # the first time; or the learner has spoilt it, and all counts as changed
        given = {}
    put = []
    for original in sorted(path for path in lessons.rglob("*") if path.is_file()):
        place = original.relative_to(lessons)
        if any(part.startswith(".") for part in place.parts):  # checkpoints, and the teacher's own record
            continue
        new = digest(original)
        for name in (place, place.with_stem(f"{place.stem} (new)")):
            target = folder / name
            here = digest(target)
            if here == new or (given.get(str(place)) == new and here is not None):
                break  # it is here, as handed out or worked on
            if here is None or here == given.get(str(name)):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(original, target)
                given[str(name)] = new
                put.append(str(name))
                break
        given[str(place)] = new
    record.write_text(json.dumps(given, indent=1), encoding="utf-8")
    return put


if __name__ == "__main__":
    try:
        hand_out(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
    except OSError as error:  # a full disk, say: what is there can still be worked on
        print(f"The lessons were not handed out: {error}", file=sys.stderr)
    os.execvp(sys.argv[3], sys.argv[3:])
