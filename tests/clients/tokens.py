"""Holds the counts of a sample to the texts that they count.

Usage: python tokens.py OUT [TOKENIZER_JSON]

With a tokenizer, `tokens` is what the library `tokenizers` counts in the messages, without special tokens and without
a chat template; else it is an estimate of which only the sign is known.
"""

from checks import Broken, check, refused, require

import pathlib
import sys

from tokenizers import Tokenizer

import outputs


def main(args):
    if len(args) not in (1, 2):
        sys.exit("usage: tokens.py OUT [TOKENIZER_JSON]")
    rows = [row for split in outputs.samples(pathlib.Path(args[0])).values() for row in split]
    with check("tokens"):
        positive(rows)
    with refused("no token at all", Broken):
        positive([{**rows[0], "tokens": 0}])
    if len(args) == 2:
        tokenizer = Tokenizer.from_file(args[1])
        with check("tokens are those of the tokenizer"):
            counted(rows, tokenizer)
        with refused("one token more", Broken):
            counted([{**rows[0], "tokens": rows[0]["tokens"] + 1}], tokenizer)


def positive(rows):
    for row in rows:
        require(row["tokens"] > 0, f"sample {row['id']} has {row['tokens']} tokens")


def counted(rows, tokenizer):
    for row in rows:
        texts = [message["content"] for message in row["messages"]]
        found = sum(len(encoding.ids) for encoding in tokenizer.encode_batch(texts, add_special_tokens=False))
        require(found == row["tokens"], f"sample {row['id']} has {found} tokens, not {row['tokens']}")


if __name__ == "__main__":
    main(sys.argv[1:])
