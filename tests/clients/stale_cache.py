"""Loads two datasets that share a folder name, and one put in the other's place, through one cache.

Usage: python stale_cache.py OUT_A OUT_B

With `configs:` in the card, the cache key of `datasets` knows neither the path nor the time of the data files.
Only what the card says of the content keeps a rebuilt dataset from loading as the old one.
"""

from checks import check, require  # first: sets what `datasets` reads when it is imported

import pathlib
import shutil
import sys
import tempfile

import datasets
import pyarrow.parquet as pq


def main(args):
    if len(args) != 2:
        sys.exit("usage: stale_cache.py OUT_A OUT_B")
    first, second = (pathlib.Path(out) / "dataset" for out in args)
    with check("the two datasets differ"):
        require(written(first) != written(second), "they are the same, so mixing them up would not be seen")
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


def loaded(dataset):
    return {split: texts(rows) for split, rows in datasets.load_dataset(str(dataset)).items()}


def written(dataset):
    found = {}
    for path in sorted((dataset / "data").glob("*.parquet")):
        found.setdefault(path.name.split("-")[0], []).extend(texts(pq.read_table(path).to_pylist()))
    return found


def texts(rows):
    return [(row["id"], row["messages"]) for row in rows]


if __name__ == "__main__":
    main(sys.argv[1:])
