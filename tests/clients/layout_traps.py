"""Shows what stops `datasets` from opening a folder, or makes it read other things, and that OUT has none of it.

Usage: python layout_traps.py OUT...

Each trap is set in a copy of the last OUT. Where a release of `datasets` does otherwise, this fails: then what
turnset guards against is to be thought over.
"""

from checks import check, require  # first: sets what `datasets` reads when it is imported

import collections
import contextlib
import json
import pathlib
import shutil
import sys
import tempfile

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

import outputs

RELEASE = tuple(map(int, datasets.__version__.split(".")[:2]))


def main(outs):
    if not outs:
        sys.exit("usage: layout_traps.py OUT...")
    for out in map(pathlib.Path, outs):
        print(f"# {out}")
        with check("no trap"):
            files(out / "dataset")
        for path in sorted((out / "dataset" / "chat").glob("*/*.jsonl")):
            with check(f"chat/{path.parent.name}/{path.name} has one shape"):
                lines(path)
    print(f"# traps, datasets {datasets.__version__}")
    for name, (card, spoil, error) in FOLDERS.items():
        with check(name), copied(out, card) as dataset:
            spoil(dataset)
            outcome(error, lambda: load(dataset))
    for name, (parts, error) in JSONL.items():
        with check(name):
            outcome(error, lambda: read_json(parts))
    with check("JSONL of dates alone loses the texts, Parquet does not"), copied(out, True) as dataset:
        (read,) = read_json([b'{"content":"2025-01-01"}\n'])
        require(not isinstance(read["content"], str), f"it reads as {read}")
        change_parquet(dataset, dated)
        loaded = load(dataset)["train"]
        require(loaded[0]["messages"][0]["content"] == "2025-01-01", f"it reads as {loaded[0]}")
    with check("a second config of JSONL does not load"), copied(out, True) as dataset:
        change_card(dataset, add_a_config)
        load(dataset)
        outcome("magic bytes", lambda: load(dataset, "chat"))


def files(dataset):
    for path in dataset.rglob("*"):
        bad = path.name in ("state.json", "_SUCCESS") or path.suffix == ".crc" or path.name.startswith(".")
        require(not bad, f"{path} is a trap")
    for path in (dataset / "data").rglob("*"):
        require(path.suffix == ".parquet" and path.is_file(), f"{path} is not Parquet")
        require(pq.read_metadata(path).num_rows, f"{path} is empty")


def lines(path):
    content = path.read_bytes()
    require(content.endswith(b"\n") and b"\r" not in content, "a line does not end in LF")
    require(b"\xef\xbb\xbf" not in content, "a byte order mark")
    found = collections.defaultdict(set)
    for line in outputs.lines_of(path):
        kinds(line, "", found)
    for at, different in found.items():
        require(len(different) == 1, f"{at or 'a line'} is {different}")


def kinds(value, at, found):
    """Collects the keys of objects and the types of values, by where they are; each role is a place of its own."""
    if isinstance(value, dict):
        at += f"<{value.get('role', value.get('from', ''))}>"
        found[at].add(frozenset(value))
        for key, item in value.items():
            kinds(item, f"{at}.{key}", found)
    elif isinstance(value, list):
        for item in value:
            kinds(item, f"{at}[]", found)
    else:
        found[at].add(type(value).__name__)


@contextlib.contextmanager
def copied(out, card):
    with tempfile.TemporaryDirectory() as folder:
        dataset = pathlib.Path(folder, "dataset")
        shutil.copytree(out / "dataset", dataset)
        if not card:
            (dataset / "README.md").unlink()
        yield dataset


def load(dataset, *config):
    # A cache of its own: else what an earlier trial left there could be the answer.
    return datasets.load_dataset(str(dataset), *config, cache_dir=str(dataset.parent / "cache"))


def outcome(error, load):
    """Expects an error that says so, or none."""
    try:
        load()
    except Exception as raised:
        said = " ".join(str(link) for link in (raised, raised.__cause__) if link)
        require(error is not None and error in said, f"{type(raised).__name__}: {said}")
    else:
        require(error is None, f"it loads, without {error}")


def read_json(parts):
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder, f"{number}.jsonl") for number in range(len(parts))]
        for path, part in zip(paths, parts):
            path.write_bytes(part)
        return list(datasets.load_dataset("json", data_files=list(map(str, paths)), split="train"))


def change_card(dataset, change):
    path = dataset / "README.md"
    _, front, text = path.read_text(encoding="utf-8").split("---\n", 2)
    told = yaml.safe_load(front)
    change(told)
    path.write_text(f"---\n{yaml.safe_dump(told)}---\n{text}", encoding="utf-8")


def miscount(told):
    splits = [entry["split"] for entry in told["configs"][0]["data_files"]]
    told["dataset_info"]["splits"] = [{"name": split, "num_bytes": 1, "num_examples": 1} for split in splits]


def forget_a_column(told):
    told["dataset_info"]["features"] = [{"name": "id", "dtype": "string"}]


def add_a_config(told):
    told["configs"][0]["default"] = True
    told["configs"].append({"config_name": "chat", "data_files": "chat/openai/train.jsonl"})


def change_parquet(dataset, change):
    path = min((dataset / "data").glob("train-*"))
    pq.write_table(change(pq.read_table(path)), path)


def dated(table):
    rows = table.to_pylist()
    for row in rows:
        row["messages"] = [{**message, "content": "2025-01-01"} for message in row["messages"]]
    return pa.Table.from_pylist(rows, schema=table.schema)


def empty_test(dataset):
    for path in (dataset / "data").glob("test-*"):
        path.unlink()
    schema = pq.read_schema(min((dataset / "data").glob("train-*")))
    pq.write_table(schema.empty_table(), dataset / "data" / "test-00000-of-00001.parquet")


def modern_metadata(dataset):
    """As new releases of `datasets` write it."""
    told = {"info": {"features": {"weights": {"feature": {"dtype": "int8", "_type": "Value"}, "_type": "List"}}}}
    metadata = {"huggingface": json.dumps(told)}
    change_parquet(dataset, lambda table: table.select(["weights"]).replace_schema_metadata(metadata))
    for path in (dataset / "data").glob("*.parquet"):
        if not path.name.startswith("train-"):
            path.unlink()


def retold(change):
    return lambda dataset: change_card(dataset, change)


def put(*names, content=b""):
    def spoil(dataset):
        for name in names:
            (dataset / name).parent.mkdir(exist_ok=True)
            (dataset / name).write_bytes(content)

    return spoil


CHECKSUM = "data/train-00000-of-00001.parquet.crc"
LINE = b'{"a":"b"}\n'

# For each folder: whether it keeps its card, what is done to it, and what the error says; None where it loads.
FOLDERS = {
    "an untouched folder loads": (True, lambda dataset: None, None),
    "without its card too": (False, lambda dataset: None, None),
    "and with more files beside data/": (False, put("report.html", "more/rejected.jsonl", content=LINE), None),
    "a state.json does not load": (True, put("state.json", content=b"{}"), "save_to_disk"),
    "a marker of Spark loads": (False, put("data/_SUCCESS"), None),
    "a checksum of Hadoop loads with a card": (True, put(CHECKSUM), None),
    "and not without": (False, put(CHECKSUM), "file size is 0 bytes"),
    "most files of a split in JSONL do not load": (
        False,
        put("data/test-00000-of-00003.jsonl", "data/test-00001-of-00003.jsonl", content=LINE),
        "Couldn't infer the same data file format",
    ),
    "an empty split does not load": (False, empty_test, ""),
    "a wrong count in the card does not load": (True, retold(miscount), "'expected'"),
    "a column that the card leaves out does not load": (True, retold(forget_a_column), "column names don't match"),
    "metadata of new releases do not load in old ones": (False, modern_metadata, "" if RELEASE < (4, 0) else None),
}

# For each: the files, and what the error says; None where it loads.
JSONL = {
    "a key that is null in one file and text in the next does not load": ([b'{"a":null}\n', LINE], "to null"),
    "an empty list in one file and a full one in the next do not load": ([b'{"a":[]}\n', b'{"a":["b"]}\n'], "to null"),
    "text and then a number load in new releases only": ([LINE + b'{"a":1}\n'], "" if RELEASE < (4, 0) else None),
    "a byte order mark between lines does not load": ([LINE + b"\xef\xbb\xbf" + LINE], ""),
    "lines that end in CR LF load": ([LINE.replace(b"\n", b"\r\n") * 2], None),
    "separators of lines inside of texts load": (['{"a":"b\u2028c\u0085d"}\n'.encode()], None),
    "a key on some lines only loads": ([LINE + b'{"a":"b","weight":1}\n'], None),
}


if __name__ == "__main__":
    main(sys.argv[1:])
