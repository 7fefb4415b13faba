"""Writes the tokenizer of Qwen, which `dashscope` ships for tiktoken, as the `tokenizer.json` that others read.

Usage: python qwen_tokenizer.py QWEN_TIKTOKEN TOKENIZER_JSON
"""

from checks import check, require

import sys
import unicodedata

import tiktoken
from tiktoken.load import load_tiktoken_bpe
from tokenizers import normalizers
from transformers.convert_slow_tokenizer import TikTokenConverter

PATTERN = "|".join((
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)",
    r"[^\r\n\p{L}\p{N}]?\p{L}+",
    r"\p{N}",
    r" ?[^\s\p{L}\p{N}]+[\r\n]*",
    r"\s*[\r\n]+",
    r"\s+(?!\S)",
    r"\s+",
))
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEXTS = (
    "",
    " ",
    "Hello, I'LL call at 10:45.",
    "我想查快递单号13800138000。",
    "Cafe\u0301 de\u0301ja\u0300",
    "오늘은\n 좋네요 🙂\r\n  x",
)


def main(args):
    if len(args) != 2:
        sys.exit("usage: qwen_tokenizer.py QWEN_TIKTOKEN TOKENIZER_JSON")
    source, target = args
    converted = TikTokenConverter(vocab_file=source, pattern=PATTERN, extra_special_tokens=SPECIAL).converted()
    converted.normalizer = normalizers.NFC()
    original = tiktoken.Encoding("qwen", pat_str=PATTERN, mergeable_ranks=load_tiktoken_bpe(source), special_tokens={})
    with check("both read a text as the same tokens"):
        for text in TEXTS:
            ours = converted.encode(text, add_special_tokens=False).ids
            theirs = original.encode(unicodedata.normalize("NFC", text))
            require(ours == theirs, f"{text!r} is {ours}, not {theirs}")
    converted.save(target, pretty=False)


if __name__ == "__main__":
    main(sys.argv[1:])
