"""Has mlcroissant validate croissant.json and read the dataset by it.

Usage: python croissant.py OUT...
"""

from checks import Broken, check, refused, require

import hashlib
import json
import logging
import pathlib
import shutil
import sys
import tempfile

import mlcroissant

import outputs

# What only the one who publishes knows.
LEFT_OPEN = ("/citeAs", "/datePublished")


def main(outs):
    if not outs:
        sys.exit("usage: croissant.py OUT...")
    for out in map(pathlib.Path, outs):
        print(f"# {out}")
        with check("croissant.json is valid"):
            valid(out)
        with check("every shard has its sha256"):
            digests(out)
        with check("every record set reads as its split"):
            records(out)
    spoiled("a wrong sha256", out, lambda file: file["distribution"][0].update(sha256="0" * 64), digests, Broken)
    spoiled("a shard that is not told of", out, lambda file: file["distribution"].pop(0), digests, Broken)
    spoiled("no license", out, lambda file: file.pop("license"), valid, Broken)
    spoiled("a file without its format", out, forget_the_format, valid, mlcroissant.ValidationError)
    spoiled("a column that is not there", out, rename_a_column, records, Exception)


def described(out):
    return json.loads((out / "dataset" / "croissant.json").read_text(encoding="utf-8"))


def opened(out):
    return mlcroissant.Dataset(jsonld=str(out / "dataset" / "croissant.json"))


def valid(out):
    said = []
    listener = logging.Handler()
    listener.emit = lambda record: said.append(record.getMessage())
    logging.getLogger("absl").addHandler(listener)
    try:
        issues = opened(out).metadata.ctx.issues
    finally:
        logging.getLogger("absl").removeHandler(listener)
    require(not issues.errors, f"errors: {issues.errors}")
    others = [warning for warning in issues.warnings if not any(name in warning for name in LEFT_OPEN)]
    require(not others, f"warnings: {others}")
    # It only logs that a name of the context is missing.
    require(not any("@context" in line for line in said), f"it says {said}")


def digests(out):
    told = {file["contentUrl"]: file for file in described(out)["distribution"] if file["@type"] == "cr:FileObject"}
    paths = {f"data/{path.name}": path for shards in outputs.shards(out).values() for path in shards}
    require(set(paths) <= set(told), f"it tells of {sorted(told)}, data/ has {sorted(paths)}")
    for name, file in told.items():
        content = (out / "dataset" / name).read_bytes()
        require(hashlib.sha256(content).hexdigest() == file["sha256"], f"{name} has another sha256")
        size = f"{len(content)} B"
        require(file["contentSize"] == size, f"{name} has {size}, not {file['contentSize']}")


def records(out):
    dataset = opened(out)
    splits = outputs.samples(out)
    told = [record_set.name for record_set in dataset.metadata.record_sets]
    require(sorted(told) == sorted(splits), f"record sets {told}, splits {sorted(splits)}")
    for split, rows in splits.items():
        found = [plain(record) for record in dataset.records(split)]
        require(len(found) == len(rows), f"{split}: {len(found)} records of {len(rows)}")
        for ours, theirs in zip(rows, found):
            require(ours == theirs, f"{split}: {ours} reads as {theirs}")


def plain(value):
    """A record with the names of the columns, and with text for bytes."""
    if isinstance(value, dict):
        return {key.split("/")[-1]: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.decode() if isinstance(value, bytes) else value


def spoiled(name, out, spoil, fails, kind):
    with tempfile.TemporaryDirectory() as folder, refused(name, kind):
        bad = pathlib.Path(folder)
        shutil.copytree(out / "dataset", bad / "dataset")
        file = described(bad)
        spoil(file)
        (bad / "dataset" / "croissant.json").write_text(json.dumps(file), encoding="utf-8")
        fails(bad)


def forget_the_format(file):
    del file["distribution"][0]["encodingFormat"]


def rename_a_column(file):
    file["recordSet"][0]["field"][0]["source"]["extract"]["column"] = "no_such_column"


if __name__ == "__main__":
    main(sys.argv[1:])
