"""Checks chat/openai as OpenAI's guide for fine-tuning files does, and for what its service adds to that.

Usage: python openai_file.py OUT...
"""

from checks import Broken, check, refused, require

import copy
import pathlib
import sys

import outputs

MAX_BYTES = 512 * 1024 * 1024
MIN_EXAMPLES = 10
KEYS = {"role", "content", "name", "weight", "function_call", "tool_calls", "tool_call_id"}
ROLES = {"system", "user", "assistant"}


def main(outs):
    if not outs:
        sys.exit("usage: openai_file.py OUT...")
    for out in map(pathlib.Path, outs):
        print(f"# {out}")
        files = outputs.chat_files(out, "openai")
        require(files, "no file to check")
        for path in files:
            with check(path.name):
                file(path)
    good = outputs.lines_of(path)[0]
    for name, spoil in SPOILS.items():
        with refused(name, Broken):
            bad = copy.deepcopy(good)
            spoil(bad)
            example(bad)


def file(path):
    content = path.read_bytes()
    require(len(content) <= MAX_BYTES, f"{len(content)} bytes")
    require(not content.startswith(b"\xef\xbb\xbf"), "a byte order mark")
    require(b"\r" not in content and content.endswith(b"\n"), "a line does not end in LF")
    examples = outputs.lines_of(path)
    require(path.stem != "train" or len(examples) >= MIN_EXAMPLES, f"{len(examples)} examples to train with")
    for number, line in enumerate(examples, 1):
        try:
            example(line)
        except Broken as broken:
            raise Broken(f"line {number}: {broken}") from None


def example(line):
    require(isinstance(line, dict) and set(line) == {"messages"}, f"other keys than messages: {line}")
    messages = line["messages"]
    require(isinstance(messages, list) and messages, "no messages")
    for message in messages:
        require(set(message) <= KEYS and {"role", "content"} <= set(message), f"keys are {sorted(message)}")
        require(message["role"] in ROLES, f"role {message['role']}")
        content = message["content"]
        require(isinstance(content, str) and content.strip(), f"content {content!r}")
        if "weight" in message:
            require(message["role"] == "assistant", f"a weight on {message['role']}")
            # In Python 1 == True == 1.0.
            require(type(message["weight"]) is int and message["weight"] in (0, 1), f"weight {message['weight']!r}")
    require(messages[-1]["role"] == "assistant", "the assistant is not last")
    learned = [message for message in messages if message["role"] == "assistant" and message.get("weight", 1)]
    require(learned, "nothing to learn from")


def weigh_the_user(line):
    line["messages"][0]["weight"] = 1


SPOILS = {
    "an extra column": lambda line: line.update(id="1"),
    "a weight on the user": weigh_the_user,
    "a weight that is a float": lambda line: line["messages"][-1].update(weight=1.0),
    "a weight that is a boolean": lambda line: line["messages"][-1].update(weight=True),
    "the user last": lambda line: line["messages"].pop(),
    "a blank message": lambda line: line["messages"][-1].update(content=" "),
    "nothing to learn from": lambda line: [m.update(weight=0) for m in line["messages"] if m["role"] == "assistant"],
}


if __name__ == "__main__":
    main(sys.argv[1:])
