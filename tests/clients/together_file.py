"""Has Together's client check chat/together as it does before an upload.

Usage: python together_file.py OUT...
"""

from checks import Broken, check, refused, require

import os
import pathlib
import sys
import tempfile

import outputs

os.environ["TOGETHER_NO_BANNER"] = "1"
from together.utils import check_file


def main(outs):
    if not outs:
        sys.exit("usage: together_file.py OUT...")
    for out in map(pathlib.Path, outs):
        print(f"# {out}")
        files = outputs.chat_files(out, "together")
        require(files, "no file to check")
        for path in files:
            with check(path.name):
                passes(path)
    user, answer = outputs.lines_of(path)[0]["messages"][-2:]
    with tempfile.TemporaryDirectory() as folder:
        spoiled = pathlib.Path(folder, "spoiled.jsonl")
        with refused("two requests in a row", Broken):
            passes(written(spoiled, [user, user, answer]))
        with refused("a weight that is a float", Broken):
            passes(written(spoiled, [user, {**answer, "weight": 0.5}]))
        with check("the pair that they were made of"):
            passes(written(spoiled, [user, answer]))


def passes(path):
    report = check_file(path)
    require(report["is_check_passed"], f"{path.name}: {report['message']}")


def written(path, messages):
    outputs.write_lines(path, [{"messages": messages}])
    return path


if __name__ == "__main__":
    main(sys.argv[1:])
