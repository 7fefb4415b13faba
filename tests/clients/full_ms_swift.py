"""Has ms-swift load chat/ms-swift, chat/query-response and the Parquet, strictly: nothing may be dropped or joined.

Usage: python full_ms_swift.py OUT...
"""

from checks import check, refused, require  # first: sets what `datasets` reads when it is imported

import os
import pathlib
import sys
import tempfile

os.environ["MODELSCOPE_CACHE"] = os.path.join(os.environ["HF_HOME"], "modelscope")

import datasets
from swift.dataset import load_dataset

import outputs


def main(outs):
    if not outs:
        sys.exit("usage: full_ms_swift.py OUT...")
    datasets.disable_progress_bars()
    for out in map(pathlib.Path, outs):
        print(f"# {out}")
        for name, spell in (("ms-swift", same), ("query-response", from_pairs)):
            files = outputs.chat_files(out, name)
            require(files, f"no file of chat/{name}")
            for path in files:
                with check(f"chat/{name}/{path.name}"):
                    reads(path, [spell(line) for line in outputs.lines_of(path)])
        shards = outputs.shards(out)
        for path in (path for paths in shards.values() for path in paths):
            with check(f"data/{path.name}"):
                reads(path, [row["messages"] for row in outputs.rows_of(path)])
        with check("the folder"):
            reads(out / "dataset", [row["messages"] for row in outputs.samples(out)["train"]])
    with tempfile.TemporaryDirectory() as folder:
        bad = pathlib.Path(folder, "bad.jsonl")
        line = {"messages": [{"role": "user", "content": "hello"}, {"role": "agent", "content": "hi"}]}
        outputs.write_lines(bad, [line])
        with refused("a role that it does not know", Exception):
            load(bad)
        outputs.write_lines(bad, [{"messages": [{**line["messages"][0], "content": None}]}])
        with refused("a content of null", Exception):
            load(bad)


def load(path):
    dataset, _ = load_dataset(str(path), strict=True, use_hf=True)
    return list(dataset)


def reads(path, talks):
    found = [[kept(message) for message in row["messages"]] for row in load(path)]
    require(len(found) == len(talks), f"{len(found)} rows of {len(talks)}")
    for ours, theirs in zip(talks, found):
        require(theirs == ours, f"{ours} reads as {theirs}")


def kept(message):
    return {key: value for key, value in message.items() if value is not None}


def same(line):
    return line["messages"]


def from_pairs(line):
    pairs = [*line["history"], [line["query"], line["response"]]]
    # An empty system message keeps it from adding one of its own.
    return [{"role": "system", "content": line["system"]}] + [
        {"role": role, "content": content} for pair in pairs for role, content in zip(("user", "assistant"), pair)
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
