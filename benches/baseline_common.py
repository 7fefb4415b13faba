"""What both Python baselines agree on: which utterances count, and how they become exchanges."""

import os
import re
import sys
from operator import itemgetter

FILLER = re.compile(r"(?:(?:um+|uh+|erm?|hmm+|i|the|呃|嗯|啊|那个|这个)\W*)+", re.IGNORECASE)
# Han text carries no spaces between words, so merged Han utterances get none.
ENDS_IN_HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]$")
IN_TIME = itemgetter("begin", "id")


def merged(texts):
    whole = texts[0]
    for text in texts[1:]:
        whole += text if ENDS_IN_HAN.search(whole) else " " + text
    return whole


def turns(dialog):
    """(role, texts, begin) for each run of one role, without greetings, fillers and blanks."""
    runs = []
    for entry in sorted(dialog, key=IN_TIME):
        role, text = entry["role"], entry["text"].strip()
        if entry["type"] != "normal" or not text:
            continue
        # The length is tested first because nearly every text is too long to be a filler.
        if role == "user" and len(text) < 24 and FILLER.fullmatch(text):
            continue
        if runs and runs[-1][0] == role:
            runs[-1][1].append(text)
        else:
            runs.append((role, [text], entry["begin"]))
    return runs


def exchanges(call):
    """(id, session_id, started_at ms, begin ms, user text, agent text) for each answered user turn."""
    session = call["instanceid"]
    started = round(call["startTime"] * 1000)
    found = []
    question = None
    for role, texts, begin in turns(call["dialog"]):
        if role == "user":
            question = (texts, begin)
        elif question:
            user, asked = question
            name = f"{session}:{len(found)}"
            found.append((name, session, started, round(asked * 1000), merged(user), merged(texts)))
            question = None
    return found


def input_files(folder):
    """Every .json file below a folder, in the order of the paths."""
    paths = []
    for parent, _, names in os.walk(folder):
        paths += [os.path.join(parent, name) for name in names if name.endswith(".json")]
    return sorted(paths)


def input_and_output(usage):
    if len(sys.argv) != 3:
        sys.exit(usage)
    source, output = sys.argv[1:]
    os.makedirs(output, exist_ok=True)
    return source, output
