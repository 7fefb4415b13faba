"""Runs a notebook over outputs, as an analyst would: no error, no warning, three plots.

Usage: python notebook.py NOTEBOOK OUT...

What is stored in the notebook may hold what callers said, so nothing may be stored.
"""

from checks import Broken, check, refused, require  # first: sets what `datasets` reads when it is imported

import copy
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time

import nbformat
import pyarrow.parquet as pq
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

PLOTS = 3
# A text that begins as a path of one machine does.
ABSOLUTE = re.compile(r"""["'](?:~?/|[A-Za-z]:\\)\w[^"']*""")
MOST_SECONDS = 120


def main(args):
    if len(args) < 2:
        sys.exit("usage: notebook.py NOTEBOOK OUT...")
    path, *outs = map(pathlib.Path, args)
    with tempfile.TemporaryDirectory(prefix="turnset-jupyter-") as home:
        # Neither the kernels nor the settings of whoever runs this.
        os.environ.update(
            HOME=home,
            IPYTHONDIR=home,
            JUPYTER_CONFIG_DIR=home,
            JUPYTER_DATA_DIR=home,
            JUPYTER_RUNTIME_DIR=home,
            JUPYTER_NO_CONFIG="1",
            JUPYTER_PREFER_ENV_PATH="1",
            MPLCONFIGDIR=home,
        )
        opened(path, outs)


def opened(path, outs):
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    with check("nothing is stored"):
        clean(notebook)
    with check("it can be run anywhere"):
        portable(notebook)
    for out in outs:
        with check(f"{out} by {path.name}"):
            begin = time.monotonic()
            looked_at(run(notebook, path.parent, out))
            print(f"# {time.monotonic() - begin:.1f} s")
    with refused("a stored output", Broken):
        clean(spoiled(notebook, lambda cell: cell.outputs.append(nbformat.v4.new_output("stream", text="said by a caller"))))
    with refused("a stored count", Broken):
        clean(spoiled(notebook, lambda cell: cell.update(execution_count=1)))
    with refused("a path of one machine", Broken):
        portable(spoiled(notebook, lambda cell: cell.update(source=cell.source + '\nopen("/home/me/out")')))
    with refused("a cell that raises", CellExecutionError):
        run(spoiled(notebook, lambda cell: cell.update(source="raise ValueError")), path.parent, outs[0])
    with refused("a cell that warns", Broken):
        looked_at(run(spoiled(notebook, warn), path.parent, outs[0]))
    with refused("a plot that is not shown", Broken):
        looked_at(run(spoiled(notebook, hide_plot), path.parent, outs[0]))
    with tempfile.TemporaryDirectory() as folder, refused("an output whose ledger lost a row", CellExecutionError):
        run(notebook, path.parent, without_a_row(outs[0], pathlib.Path(folder, "out")))


def clean(notebook):
    require((notebook.nbformat, notebook.nbformat_minor) == (4, 5), "it is not of format 4.5")
    nbformat.validate(notebook)
    require(notebook.metadata.get("kernelspec", {}).get("name") == "python3", "its kernel is not python3")
    require("widgets" not in notebook.metadata, "it stores widgets")
    for cell in notebook.cells:
        require(not cell.get("attachments"), f"{cell.id} has attachments")
        if cell.cell_type == "code":
            require(not cell.outputs, f"{cell.id} has stored outputs")
            require(cell.execution_count is None, f"{cell.id} was run before it was stored")


def portable(notebook):
    for cell in notebook.cells:
        path = ABSOLUTE.search(cell.source)
        require(not path, path and f"{cell.id} names {path[0]}")


def run(notebook, folder, out):
    """A copy of the notebook with its outputs, run in its own folder as Jupyter does it."""
    os.environ["TURNSET_OUT"] = str(pathlib.Path(out).resolve())
    ran = copy.deepcopy(notebook)
    # The kernel talks through files, which only their owner reads, and not through ports.
    config = Config({"KernelManager": {"transport": "ipc", "ip": os.path.join(os.environ["HOME"], "kernel")}})
    resources = {"metadata": {"path": str(folder.resolve())}}
    NotebookClient(ran, kernel_name="python3", timeout=MOST_SECONDS, resources=resources, config=config).execute()
    return ran


def looked_at(notebook):
    outputs = [(cell.id, output) for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    for name, output in outputs:
        require(output.output_type != "error", f"{name} ends in an error")
        require(output.get("name") != "stderr", f"{name} complains: {output.get('text')}")
    plots = [name for name, output in outputs if "image/png" in output.get("data", {})]
    require(len(plots) == PLOTS, f"{len(plots)} plots: {plots}")


def spoiled(notebook, spoil):
    """A copy with its last code cell spoiled."""
    bad = copy.deepcopy(notebook)
    spoil([cell for cell in bad.cells if cell.cell_type == "code"][-1])
    return bad


def warn(cell):
    cell.source = "import warnings\nwarnings.warn('the numbers may be wrong')\n" + cell.source


def hide_plot(cell):
    require("plt.show()" in cell.source, "the last code cell is no plot")
    cell.source = cell.source.replace("plt.show()", "plt.close()")


def without_a_row(out, copied):
    shutil.copytree(out, copied)
    path = copied / "audit" / "ledger.parquet"
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)
    return copied


if __name__ == "__main__":
    main(sys.argv[1:])
