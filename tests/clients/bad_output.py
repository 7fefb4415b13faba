"""Spoils copies of a good output, one way each, and expects readers.py to refuse every one for that very reason.

Usage: python bad_output.py OUT
"""

from checks import check, require

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq

READERS = pathlib.Path(__file__).with_name("readers.py")


def main(args):
    if len(args) != 1:
        sys.exit("usage: bad_output.py OUT")
    # The same copy unspoiled: else a reader that refuses everything would pass.
    trial("an untouched copy", args[0], lambda dataset: None, None)
    trial("assistant first", args[0], assistant_first, "shapes")
    trial("an empty test split", args[0], empty_test, "no empty split")
    trial("_SUCCESS in data/", args[0], success_marker, "layout")
    trial("a character too many", args[0], one_character_more, "shapes")
    trial("a card that counts one sample more", args[0], one_sample_more, "datasets.load_dataset")


def trial(name, out, spoil, fails):
    with check(name), tempfile.TemporaryDirectory() as folder:
        bad = pathlib.Path(folder, "out")
        shutil.copytree(out, bad)
        spoil(bad / "dataset")
        run = subprocess.run([sys.executable, str(READERS), str(bad)], capture_output=True, text=True)
        if fails is None:
            require(run.returncode == 0, f"refused: {run.stderr}")
        else:
            require(run.returncode == 1, f"readers.py exits with {run.returncode}: {run.stdout}{run.stderr}")
            require(f"FAIL {fails}:" in run.stderr, f"refused, but not by the check {fails}: {run.stderr}")


def assistant_first(dataset):
    """As if the greeting that opens every call were the first message of a sample."""

    def greet(row):
        row["messages"].insert(0, {"role": "assistant", "content": "Hello, how can I help?"})
        row["weights"].insert(0, 0)

    change_a_row(dataset, greet)


def change_a_row(dataset, change):
    path = min((dataset / "data").glob("train-*.parquet"))
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows[0])
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path, compression="zstd", write_page_index=True)


def empty_test(dataset):
    for path in (dataset / "data").glob("test-*.parquet"):
        path.unlink()
    schema = pq.read_schema(min((dataset / "data").glob("train-*.parquet")))
    pq.write_table(schema.empty_table(), dataset / "data" / "test-00000-of-00001.parquet")


def one_character_more(dataset):
    change_a_row(dataset, lambda row: row.update(characters=row["characters"] + 1))


def one_sample_more(dataset):
    card = dataset / "README.md"
    text = card.read_text(encoding="utf-8")
    counted = re.sub(r"(num_examples: )(\d+)", lambda found: f"{found[1]}{int(found[2]) + 1}", text, count=1)
    card.write_text(counted, encoding="utf-8")


def success_marker(dataset):
    """As Spark leaves one beside what it writes."""
    (dataset / "data" / "_SUCCESS").touch()


if __name__ == "__main__":
    main(sys.argv[1:])
