"""Has LLaMA-Factory load and tokenise every entry of every dataset_info.json. What it dislikes it drops.

Usage: python full_llamafactory.py OUT...
"""

from checks import Broken, check, refused, require  # first: sets what `datasets` reads when it is imported

import importlib.machinery
import importlib.util
import json
import logging
import pathlib
import sys
import tempfile
import types

# The registry's torchaudio is made for another CUDA than its torch, and then refuses to be imported.
sys.modules["torchaudio"] = importlib.util.module_from_spec(importlib.machinery.ModuleSpec("torchaudio", None))

import datasets
from llamafactory.data.loader import _get_preprocessed_dataset, _load_single_dataset
from llamafactory.data.parser import get_dataset_list
from llamafactory.data.template import get_template_and_fix_tokenizer
from llamafactory.hparams import DataArguments, ModelArguments

import outputs
import tiny

TRAINING = types.SimpleNamespace(local_process_index=0, predict_with_generate=False, should_log=False)


def main(outs):
    if not outs:
        sys.exit("usage: full_llamafactory.py OUT...")
    logging.disable(logging.WARNING)
    datasets.disable_progress_bars()
    for out in map(pathlib.Path, outs):
        print(f"# {out}")
        files = sorted((out / "dataset").rglob("dataset_info.json"))
        require(files, "no dataset_info.json")
        for file in files:
            for name, entry in json.loads(file.read_text(encoding="utf-8")).items():
                with check(f"{file.parent.name}: {name}"):
                    entry_loads(file.parent, name, file.parent / entry["file_name"])
    with tempfile.TemporaryDirectory() as folder, refused("an assistant who begins", Broken):
        entry_loads(*greeted(pathlib.Path(folder)))


def greeted(folder):
    """A file whose second line keeps the greeting of the call."""
    turns = [{"from": "human", "value": "hello"}, {"from": "gpt", "value": "hi"}]
    outputs.write_lines(folder / "bad.jsonl", [{"conversations": turns}, {"conversations": turns[1:] + turns}])
    (folder / "dataset_info.json").write_text(json.dumps({"bad": {"file_name": "bad.jsonl", "formatting": "sharegpt"}}))
    return folder, "bad", folder / "bad.jsonl"


def entry_loads(folder, name, path):
    rows = outputs.rows_of(path)
    data = DataArguments(dataset_dir=str(folder), template="qwen", cutoff_len=1 << 20)
    model = ModelArguments(model_name_or_path="none")
    (attributes,) = get_dataset_list([name], data.dataset_dir)
    aligned = _load_single_dataset(attributes, model, data, TRAINING)
    require(len(aligned) == len(rows), f"{len(aligned)} rows of {len(rows)}")
    talks = [spoken(row) for row in rows]
    for talk, row in zip(talks, aligned):
        found = [message["content"] for message in row["_prompt"] + row["_response"]]
        require(found == talk[1:] and row["_system"] == talk[0], f"{talk} reads as {row}")
    tokenizer = tiny.tokenizer(None)
    template = get_template_and_fix_tokenizer(tokenizer, data)
    encoded = _get_preprocessed_dataset(aligned, data, TRAINING, "sft", template, tokenizer)
    require(len(encoded) == len(rows), f"{len(encoded)} rows tokenised of {len(rows)}")
    for talk, row in zip(talks, encoded):
        answers = [text.strip("\n") for text in talk[2::2]]
        require(tiny.learned(tokenizer, row["labels"]) == answers, f"{answers} is learned as {row['labels']}")


def spoken(row):
    """The system text of a row, then its requests and answers in turn."""
    if "instruction" in row:
        earlier = [text for pair in row["history"] for text in pair]
        return [row["system"], *earlier, row["instruction"], row["output"]]
    if "conversations" in row:
        return [row.get("system", ""), *(message["value"] for message in row["conversations"])]
    system = [message["content"] for message in row["messages"] if message["role"] == "system"]
    return [*(system or [""]), *(message["content"] for message in row["messages"][len(system) :])]


if __name__ == "__main__":
    main(sys.argv[1:])
