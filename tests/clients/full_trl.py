"""Takes a real step of training with TRL on chat/trl and on the Parquet: each row teaches what it should.

Usage: python full_trl.py OUT...
"""

from checks import check, refused, require  # first: sets what `datasets` reads when it is imported

import logging
import math
import pathlib
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")

import datasets
import torch
import trl
from transformers import Qwen2Config, Qwen2ForCausalLM

import outputs
import tiny

TEMPLATE = pathlib.Path(trl.__file__).parent / "chat_templates" / "qwen2_5.jinja"
SIZES = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1)


def main(outs):
    if not outs:
        sys.exit("usage: full_trl.py OUT...")
    logging.disable(logging.WARNING)
    datasets.disable_progress_bars()
    for out in map(pathlib.Path, outs):
        print(f"# {out}")
        for path in outputs.chat_files(out, "trl"):
            with check(f"chat/trl/{path.name}"):
                lines = datasets.load_dataset("json", data_files=str(path), split="train")
                trains(lines, [texts(line["completion"]) for line in lines], assistant_only_loss=False)
        loaded = datasets.load_dataset(str(out / "dataset"))
        for split, rows in loaded.items():
            with check(f"messages of {split}"):
                trains(rows, [texts(row["messages"]) for row in rows], assistant_only_loss=True)
    with refused("a column that is called prompt", KeyError, ValueError):
        named = rows.add_column("prompt", ["hello"] * len(rows))
        trains(named, [texts(row["messages"]) for row in rows], assistant_only_loss=True)


def texts(messages):
    return [message["content"].strip("\n") for message in messages if message["role"] == "assistant"]


def trains(rows, wanted, **options):
    torch.manual_seed(0)
    tokenizer = tiny.tokenizer(TEMPLATE.read_text(encoding="utf-8"))
    model = Qwen2ForCausalLM(Qwen2Config(vocab_size=len(tokenizer), **SIZES))
    with tempfile.TemporaryDirectory() as folder:
        options.update(max_steps=1, max_length=None, use_cpu=True, report_to="none", save_strategy="no")
        config = trl.SFTConfig(folder, **options)
        trainer = trl.SFTTrainer(model=model, args=config, train_dataset=rows, processing_class=tokenizer)
        batch = trainer.data_collator([trainer.train_dataset[at] for at in range(len(rows))])
        found = [tiny.learned(tokenizer, labels) for labels in batch["labels"].tolist()]
        require(len(found) == len(wanted), f"{len(found)} rows of {len(wanted)}")
        for ours, theirs in zip(wanted, found):
            require(theirs == ours, f"{theirs} is learned, not {ours}")
        loss = trainer.train().training_loss
    require(math.isfinite(loss) and loss > 0, f"the loss is {loss}")


if __name__ == "__main__":
    main(sys.argv[1:])
