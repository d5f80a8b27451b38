"""The package itself, when it is first imported: files of one's own that hide what it needs."""

import importlib
import pathlib
import subprocess
import sys

import pytest

import course_utils


@pytest.mark.parametrize("name", ["numpy.py", "torch.py", "matplotlib/__init__.py", "PIL.py"])
def test_a_file_beside_the_notebook_that_hides_a_package_is_named(tmp_path, monkeypatch, name):
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("x = 1\n", encoding="utf-8")
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    monkeypatch.chdir(tmp_path)
    importlib.invalidate_caches()
    with pytest.raises(ImportError) as caught:
        course_utils._refuse_hiding_files()
    text = str(caught.value)
    assert text.startswith(str(file)) and f"hides the package {name.split('.')[0].split('/')[0]}," in text


def test_other_files_and_folders_hide_nothing(tmp_path, monkeypatch):
    (tmp_path / "my_numpy.py").write_text("", encoding="utf-8")
    (tmp_path / "torch").mkdir()  # a folder of pictures, say
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    monkeypatch.chdir(tmp_path)
    importlib.invalidate_caches()
    course_utils._refuse_hiding_files()


@pytest.mark.process
def test_make_lab_names_a_file_that_hides_the_course_itself(tmp_path):
    file = tmp_path / "course_utils.py"
    file.touch()
    serve = pathlib.Path(__file__).parents[2] / "tools" / "serve.py"
    ended = subprocess.run([sys.executable, serve, f"--ServerApp.root_dir={tmp_path}"], capture_output=True, text=True)
    assert ended.returncode == 1 and ended.stderr.startswith(f"{file} hides the course's own package")
