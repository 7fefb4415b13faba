"""A tokenizer that needs no download: one token a byte, and the marks of the chat templates of Qwen."""

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

END, PAD = "<|im_end|>", "<|endoftext|>"


def tokenizer(chat_template):
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bytes_only = Tokenizer(models.BPE(vocab={c: at for at, c in enumerate(alphabet)}, merges=[]))
    bytes_only.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    bytes_only.decoder = decoders.ByteLevel()
    bytes_only.add_special_tokens(["<|im_start|>", END, PAD])
    tokens = {"eos_token": END, "pad_token": PAD}
    return PreTrainedTokenizerFast(tokenizer_object=bytes_only, chat_template=chat_template, **tokens)


def learned(tokenizer, labels):
    """The texts of the runs of tokens that have labels, without the marks around them."""
    runs, last = [], None
    for label in labels:
        if label != -100 and last in (None, -100):
            runs.append([])
        if label != -100:
            runs[-1].append(label)
        last = label
    return [tokenizer.decode(run).replace(END, "").strip("\n") for run in runs]
