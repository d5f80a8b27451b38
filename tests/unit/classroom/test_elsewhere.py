"""The files for Kubernetes and Binder name what is there, and are as safe as the hub here."""

import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
KUBERNETES = ROOT / "classroom" / "kubernetes"


def test_a_server_in_kubernetes_starts_by_handing_out_the_lessons():
    values = yaml.safe_load((KUBERNETES / "values.yaml").read_text(encoding="utf-8"))
    python, start, lessons, home, _ = values["singleuser"]["cmd"]
    for path in (start, lessons):
        assert (ROOT / pathlib.PurePosixPath(path).relative_to("/srv/gradient-steps")).exists()
    image = (KUBERNETES / "Dockerfile").read_text(encoding="utf-8")
    assert "WORKDIR /srv/gradient-steps\n" in image and "COPY . .\n" in image and "USER 1000\n" in image
    storage = values["singleuser"]["storage"]["homeMountPath"]
    assert python == "python" and home.startswith(storage) and f"WORKDIR {storage}\n" in image


def test_nobody_signs_up_in_kubernetes_without_the_teacher_and_passwords_travel_by_https():
    values = yaml.safe_load((KUBERNETES / "values.yaml").read_text(encoding="utf-8"))
    config = values["hub"]["config"]
    assert config["JupyterHub"]["authenticator_class"] == "native" and not config["NativeAuthenticator"]["open_signup"]
    assert values["proxy"]["https"]["enabled"] is True
    assert values["singleuser"]["memory"]["limit"] == "2G" and values["cull"]["enabled"] is True


def test_binder_installs_what_a_learner_does():
    binder = ROOT / ".binder"
    (named,) = re.findall(r"^-r (.+)$", (binder / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert (binder / named).resolve() == ROOT / "requirements.txt"
    assert (binder / "postBuild").stat().st_mode & 0o111
