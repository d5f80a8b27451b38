"""A notebook in deeper/ in a real JupyterLab: its pictures are there, and links lead up to a lesson and down again."""

import shutil

import pytest
from playwright.sync_api import expect

from tests import notebooks
from tests.browser.lab import ROOT, Notebook, running_lab, wait_until

PAGES = {
    "01_first.ipynb": "# A lesson\n\n[Go deeper](deeper/01b_probe.ipynb)",
    "deeper/01b_probe.ipynb": "# Deeper\n\n![The picture of lesson 01.](../images/01_autograd.png)\n\n"
    "[Back to the lesson](../01_first.ipynb)",
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """`make lab` over a lesson and a notebook that goes deeper."""
    folder = tmp_path_factory.mktemp("notebooks")
    shutil.copytree(ROOT / "notebooks" / "images", folder / "images")
    for name, source in PAGES.items():
        notebooks.write(folder / name, source)
    with running_lab(tmp_path_factory.mktemp("jupyter"), notebooks=folder) as running:
        yield running


def test_pictures_are_there_and_links_lead_up_and_down_again(page, lab):
    Notebook(page, lab, "deeper/01b_probe.ipynb")
    picture = page.get_by_alt_text("The picture of lesson 01.")
    picture.wait_for()
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture.element_handle())
    page.get_by_role("link", name="Back to the lesson").click()
    expect(page.get_by_role("heading", name="A lesson")).to_be_visible()
    page.get_by_role("link", name="Go deeper").click()
    expect(page.get_by_role("heading", name="Deeper")).to_be_visible()
    expect(picture).to_be_visible()
    # A server that is ended while it starts kernels takes its time.
    wait_until(lambda: {one["execution_state"] for one in lab.get("/api/kernels")} == {"idle"}, 60, "idle kernels")
