"""Has Mistral's own code validate and encode every line of chat/mistral, as it does to fine-tune.

Usage: python mistral_file.py OUT...
"""

from checks import check, refused, require

import pathlib
import sys

import mistral_common
from mistral_common.exceptions import MistralCommonException
from mistral_common.protocol.instruct.messages import FinetuningAssistantMessage, SystemMessage, UserMessage
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.protocol.instruct.validator import ValidationMode
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
from pydantic import ValidationError

import outputs

# Real ones, which the package ships.
TOKENIZERS = {"v3": "tekken_240718.json", "v7": "mistral_instruct_tokenizer_241114.model.v7"}
KINDS = {"system": SystemMessage, "user": UserMessage, "assistant": FinetuningAssistantMessage}


def main(outs):
    if not outs:
        sys.exit("usage: mistral_file.py OUT...")
    folder = pathlib.Path(mistral_common.__file__).parent / "data"
    for version, name in TOKENIZERS.items():
        tokenizer = MistralTokenizer.from_file(str(folder / name), mode=ValidationMode.finetuning)
        for out in map(pathlib.Path, outs):
            print(f"# {version} {out}")
            files = outputs.chat_files(out, "mistral")
            require(files, "no file to check")
            for path in files:
                with check(path.name):
                    lines = outputs.lines_of(path)
                    for line in lines:
                        encodes(tokenizer, line)
        messages = lines[0]["messages"]
        with refused("the user last", MistralCommonException):
            encodes(tokenizer, {"messages": messages[:-1]})
        with refused("a weight of a half", MistralCommonException):
            encodes(tokenizer, {"messages": [*messages[:-1], {**messages[-1], "weight": 0.5}]})
        with refused("a key that it does not know", ValidationError):
            encodes(tokenizer, {"messages": [*messages[:-1], {**messages[-1], "loss": True}]})


def encodes(tokenizer, line):
    messages = [KINDS[message["role"]](**message) for message in line["messages"]]
    encoded = tokenizer.encode_chat_completion(ChatCompletionRequest(messages=messages))
    text = tokenizer.decode(encoded.tokens)
    lost = [message["content"] for message in line["messages"] if message["content"] not in text]
    require(not lost, f"it loses {lost}")


if __name__ == "__main__":
    main(sys.argv[1:])
