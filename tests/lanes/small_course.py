"""A course that installs in a second: the real tools/env.py over small stand-ins for torch and torchvision."""

import pathlib
import shutil
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
UV = shutil.which("uv", path=pathlib.Path(sys.executable).parent) or shutil.which("uv")
FITS = "class ops:\n    nms = None\n"


def write_wheel(folder, name, version, code="", needs="", program=""):
    """The smallest wheel that installers accept, with a shell script `program` of its name; returns its file name."""
    info = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", code)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
        if program:
            script = zipfile.ZipInfo(f"{name}-{version}.data/scripts/{name}")
            script.external_attr = 0o100755 << 16  # an executable file
            wheel.writestr(script, f"#!/bin/sh\n{program}\n")
    return path.name


class Course:
    """A folder with the real Makefile and tools, wheels of its own, and no way to any other.

    `installer` says where uv is: "uv", on PATH; "fetched uv", among the wheels; "pip", nowhere.
    """

    def __init__(self, root, installer):
        self.root, self.wheels = root / "the course", root / "wheels"
        self.home, programs = root / "home", root / "programs"
        for folder in (self.root, self.wheels, self.home, programs):
            folder.mkdir()
        shutil.copytree(ROOT / "tools", self.root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "Makefile", self.root)
        (self.root / "requirements.txt").write_text("torch\ntorchvision\n")
        (self.root / "requirements-dev.txt").write_text("-r requirements.txt\nextra\n")
        # Stands in for setuptools, which would have to be downloaded.
        course = write_wheel(self.root, "course", "1")
        (self.root / "backend.py").write_text(
            "import shutil\n\n\ndef build_editable(folder, *_):\n"
            f"    shutil.copy('{course}', folder)\n    return '{course}'\n"
        )
        (self.root / "pyproject.toml").write_text(
            '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
            '[project]\nname = "course"\nversion = "1"\n'
        )
        write_wheel(self.wheels, "torch", "2.15.0")
        write_wheel(self.wheels, "torchvision", "0.29.2", FITS, needs="Requires-Dist: torch>=2.14\n")
        write_wheel(self.wheels, "torchvision", "0.27.0", FITS)
        write_wheel(self.wheels, "extra", "1")
        if installer == "uv":
            (programs / "uv").symlink_to(UV)
        elif installer == "fetched uv":
            write_wheel(self.wheels, "uv", "1", program=f'exec "{UV}" "$@"')
        (root / "offline.toml").write_text("[pip]\nno-index = true\n")
        self.environment = {
            "HOME": str(self.home),
            "PATH": str(programs),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": self.wheels.as_uri(),
            "UV_CONFIG_FILE": str(root / "offline.toml"),
            "UV_FIND_LINKS": str(self.wheels),
        }

    def put_venv(self, venv):
        """Give the course a copy of a .venv."""
        shutil.copytree(venv, self.root / ".venv", symlinks=True)

    def start(self, *arguments, wrap=(), **environment):
        """Start tools/env.py, as an argument of the command `wrap`; a None in `environment` removes a variable."""
        together = {**self.environment, **environment}
        return subprocess.Popen(
            [*wrap, sys.executable, "tools/env.py", *(arguments or ["lab"])],
            cwd=self.root,
            env={name: value for name, value in together.items() if value is not None},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def call(self, *arguments, **options):
        """Run tools/env.py to its end: (exit status, standard output, standard error)."""
        process = self.start(*arguments, **options)
        out, error = process.communicate(timeout=120)
        return process.returncode, out, error

    def installed(self, name):
        """Version of a package in .venv, or None."""
        found = list(self.root.glob(f".venv/lib/python*/site-packages/{name}-*.dist-info"))
        return found[0].name.split("-")[1].removesuffix(".dist") if found else None
