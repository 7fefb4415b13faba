"""Has axolotl's own code read chat/axolotl by the datasets.yaml beside it: what has labels must be what has weight 1.

Usage: python full_axolotl.py OUT...

The last OUT must have answers of weight 0.
"""

from checks import Broken, check, refused, require  # first: sets what `datasets` reads when it is imported

import contextlib
import logging
import os
import pathlib
import sys
import warnings

os.environ.update(AXOLOTL_DO_NOT_TRACK="1", DO_NOT_TRACK="1", TRL_EXPERIMENTAL_SILENCE="1", AXOLOTL_LOG_LEVEL="ERROR")
warnings.simplefilter("ignore")

import datasets
import yaml
from axolotl.utils.data.sft import _load_and_process_single_dataset
from axolotl.utils.dict import DictDefault

import outputs
import tiny

CONFIG = DictDefault(chat_template="qwen_25", sequence_len=1 << 20, train_on_inputs=False, dataset_num_proc=1)


def main(outs):
    if not outs:
        sys.exit("usage: full_axolotl.py OUT...")
    logging.disable(logging.WARNING)
    datasets.disable_progress_bars()
    for out in map(pathlib.Path, outs):
        print(f"# {out}")
        folder = out / "dataset" / "chat" / "axolotl"
        told = yaml.safe_load((folder / "datasets.yaml").read_text(encoding="utf-8"))
        entries = [entry for entries in told.values() for entry in entries]
        require(entries, "datasets.yaml names no file")
        for entry in entries:
            with check(entry["path"]):
                labels(folder, entry)
    del entry["message_field_training"]
    with refused("without the key that says what to learn", Broken):
        labels(folder, entry)


def labels(folder, entry):
    tokenizer = tiny.tokenizer(None)
    # Its paths are relative to where it lies.
    with contextlib.chdir(folder):
        encoded, _ = _load_and_process_single_dataset(DictDefault(entry), CONFIG, tokenizer, "train", 0)
        lines = outputs.lines_of(pathlib.Path(entry["path"]))
    require(len(encoded) == len(lines), f"{len(encoded)} rows of {len(lines)}")
    for line, row in zip(lines, encoded):
        wanted = [message["content"].strip("\n") for message in line["messages"] if message.get("weight")]
        found = tiny.learned(tokenizer, row["labels"])
        require(found == wanted, f"{found} is learned, not {wanted}")


if __name__ == "__main__":
    main(sys.argv[1:])
