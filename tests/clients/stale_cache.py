"""Loads two datasets that share a folder name, and one put in the other's place, through one cache.

Usage: python stale_cache.py OUT_A OUT_B

With `configs:` in the card, the cache key of `datasets` knows neither the path nor the time of the data files.
Only what the card says of the content keeps a rebuilt dataset from loading as the old one.
"""

from checks import Broken, check, refused, require  # first: sets what `datasets` reads when it is imported

import contextlib
import pathlib
import shutil
import sys
import tempfile

import datasets

import outputs


def main(args):
    if len(args) != 2:
        sys.exit("usage: stale_cache.py OUT_A OUT_B")
    first, second = (pathlib.Path(out) / "dataset" for out in args)
    with check("the two datasets differ"):
        require(written(first) != written(second), "they are the same, so mixing them up would not be seen")
    loads(first, second, check)
    # Shows that the trap is there.
    with tempfile.TemporaryDirectory() as folder, refused("cards that are silent about the content", Broken):
        silent_first = silenced(first, pathlib.Path(folder, "first", "dataset"))
        silent_second = silenced(second, pathlib.Path(folder, "second", "dataset"))
        loads(silent_first, silent_second, contextlib.nullcontext)


def loads(first, second, check):
    with tempfile.TemporaryDirectory() as folder:
        a = pathlib.Path(folder, "a", "dataset")
        b = pathlib.Path(folder, "b", "dataset")
        shutil.copytree(first, a)
        shutil.copytree(second, b)
        with check("the first loads"):
            require(loaded(a) == written(first), "other rows than its own")
        with check("a namesake elsewhere loads"):
            require(loaded(b) == written(second), "other rows than its own: stale cache")
        shutil.rmtree(a)
        shutil.copytree(second, a)
        with check("a rebuild in place loads"):
            require(loaded(a) == written(second), "other rows than its own: stale cache")


def silenced(dataset, copy):
    """A copy whose card names one split, and nothing of what is in it."""
    shutil.copytree(dataset, copy)
    for path in (copy / "data").glob("*.parquet"):
        if not path.name.startswith("train-"):
            path.unlink()
    config = "- config_name: default\n  data_files:\n  - split: train\n    path: data/train-*.parquet\n"
    (copy / "README.md").write_text(f"---\nconfigs:\n{config}---\n", encoding="utf-8")
    return copy


def loaded(dataset):
    return {split: list(rows) for split, rows in datasets.load_dataset(str(dataset)).items()}


def written(dataset):
    return outputs.samples(dataset.parent)


if __name__ == "__main__":
    main(sys.argv[1:])
