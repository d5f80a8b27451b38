"""Notebooks for tests to work on."""

import nbformat

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def cell(source, *tags, **id):
    """A cell; Markdown if it begins with #."""
    source = source.strip()
    if source.startswith("#"):
        return nbformat.v4.new_markdown_cell(source, **id)
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)} if tags else {}, **id)


def write(path, *cells, **metadata):
    """Write a notebook; a cell is given as its source, or as (id, source, tag, …)."""
    made = [cell(one) if isinstance(one, str) else cell(*one[1:], id=one[0]) for one in cells]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata={**KERNEL, **metadata}), path)
