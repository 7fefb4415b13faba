"""What an output of turnset holds, read the plain way."""

import json


def shards(out):
    """The Parquet files of each split, in order."""
    found = {}
    for path in sorted((out / "dataset" / "data").glob("*.parquet")):
        found.setdefault(path.name.split("-")[0], []).append(path)
    return found


def samples(out):
    """The rows of each split, in order."""
    return {split: [row for path in paths for row in rows_of(path)] for split, paths in shards(out).items()}


def chat_files(out, name):
    return sorted((out / "dataset" / "chat" / name).glob("*.jsonl"))


def lines_of(path):
    # Not splitlines(), which also cuts at U+2028 inside a text.
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def rows_of(path):
    """The rows of a file of Parquet or JSONL."""
    if path.suffix == ".jsonl":
        return lines_of(path)
    import pyarrow.parquet as pq  # here, as not every environment has it

    return pq.read_table(path).to_pylist()


def write_lines(path, lines):
    path.write_bytes(b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines))
