"""Opens outputs with whichever release of `datasets` is installed: trainers pin old ones.

Usage: python old_datasets.py OUT...
"""

from checks import check, refused, require  # first: sets what `datasets` reads when it is imported

import pathlib
import shutil
import sys
import tempfile

import datasets
import pyarrow as pa
import pyarrow.parquet as pq

import outputs

TALK = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}]


def main(outs):
    if not outs:
        sys.exit("usage: old_datasets.py OUT...")
    print(f"# datasets {datasets.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        ordinary = ordinary_chat(pathlib.Path(folder, "ordinary.jsonl"))
        for out in map(pathlib.Path, outs):
            print(f"# {out}")
            opens(out, ordinary)
        bad = pathlib.Path(folder, "out")
        shutil.copytree(out, bad)
        # The card tells of the data as they were.
        (bad / "dataset" / "README.md").unlink()
        add_an_empty_split(bad)
        with refused("an empty split", Exception):
            load(bad)
        add_a_field(bad)
        spoiled = load(bad)["train"]
        with refused("messages with one more field", Exception):
            joins(spoiled, ordinary)


def opens(out, ordinary):
    rows = outputs.samples(out)
    with check("loads with no argument"):
        loaded = load(out)
        same(loaded, rows)
    with check("user first, assistant last"):
        for split in loaded.values():
            for messages in split["messages"]:
                roles = [message["role"] for message in messages if message["role"] != "system"]
                require((roles[0], roles[-1]) == ("user", "assistant"), f"roles are {roles}")
    with check("streams"):
        same(load(out, streaming=True), rows)
    with check("joins an ordinary chat dataset"):
        for split in loaded.values():
            joins(split, ordinary)
    for folder in sorted(path for path in (out / "dataset" / "chat").iterdir() if path.is_dir()):
        with check(f"chat/{folder.name} loads as JSON"):
            files = {path.stem: str(path) for path in folder.glob("*.jsonl")}
            loaded = datasets.load_dataset("json", data_files=files)
            counts = {split: len(outputs.lines_of(pathlib.Path(path))) for split, path in files.items()}
            require(counts and loaded.num_rows == counts, f"{loaded.num_rows} rows of {counts}")


def load(out, **options):
    return datasets.load_dataset(str(out / "dataset"), **options)


def same(loaded, rows):
    require(set(loaded) == set(rows), f"splits {sorted(loaded)}, but data/ has {sorted(rows)}")
    for split, samples in rows.items():
        require(list(loaded[split]) == samples, f"{split} reads as other rows")


def ordinary_chat(path):
    """Read from a file: of what Python holds, old releases sort the keys."""
    outputs.write_lines(path, [{"messages": TALK}] * 3)
    return datasets.load_dataset("json", data_files=str(path), split="train")


def joins(split, ordinary):
    ours = split.select_columns(["messages"])
    both = datasets.concatenate_datasets([ours, ordinary])
    require(list(both) == list(ours) + list(ordinary), "concatenated, it reads as other rows")
    mixed = datasets.interleave_datasets([ours, ordinary], stopping_strategy="all_exhausted")
    first, second = (row["messages"] for row in list(mixed)[:2])
    require((first, second) == (ours[0]["messages"], TALK), "interleaved, it reads as other rows")


def add_an_empty_split(out):
    data = out / "dataset" / "data"
    for path in data.glob("test-*"):
        path.unlink()
    schema = pq.read_schema(min(data.glob("train-*")))
    pq.write_table(schema.empty_table(), data / "test-00000-of-00001.parquet")


def add_a_field(out):
    """Leaves one file in which every message has a weight, where others have role and content."""
    paths = [path for paths in outputs.shards(out).values() for path in paths]
    table = pa.concat_tables([pq.read_table(path) for path in paths])
    message = pa.struct([("role", pa.string()), ("content", pa.string()), ("weight", pa.int8())])
    talks = [[{**message, "weight": 1} for message in talk] for talk in table["messages"].to_pylist()]
    for path in paths:
        path.unlink()
    table = pa.table({"messages": pa.array(talks, pa.list_(message))})
    pq.write_table(table, out / "dataset" / "data" / "train-00000-of-00001.parquet")


if __name__ == "__main__":
    main(sys.argv[1:])
