"""The panels' unit tests on the versions that Colab has. Takes a few minutes the first time, and 4 GB.

python tests/colab/run.py [folder of the environment, by default .venv-colab]

It needs uv, which brings the Python of that runtime along.
"""

import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NEEDED = ["torch", "torchvision", "ipywidgets", "ipython", "ipykernel", "anywidget", "matplotlib", "scikit-learn"]
NEEDED += ["platformdirs", "numpy", "traitlets", "pytest", "hypothesis", "nbclient"]


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".venv-colab").absolute()
    python = folder / "bin" / "python"
    if not python.exists():
        uv = shutil.which("uv")
        if uv is None:
            sys.exit("uv is not installed: see https://docs.astral.sh/uv/")
        print(f"Making {folder} (4 GB)", flush=True)
        subprocess.run([uv, "venv", "--quiet", "--python", "3.12", folder], check=True)
        pins = HERE / "constraints.txt"
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, "-c", pins, *NEEDED], check=True)
    tests = sorted((ROOT / "tests" / "unit").glob("test_panels*.py"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COURSE_THREADS": "1", "OMP_NUM_THREADS": "1"}
    options = ["-q", "-p", "no:cacheprovider", "-c", HERE / "pytest.ini", f"--rootdir={ROOT}"]
    sys.exit(subprocess.run([python, "-m", "pytest", *options, *tests], env=environment).returncode)


if __name__ == "__main__":
    main()
