"""Trains the learned judge of open corpora whose licences allow it.

    train.py --trainer BIN --corpora DIR --weights FILE [--without NAME...]

Takes the train dialogues only. Beside the labelled utterances it learns from good ones that it cuts off at a random
word (in Chinese, at a random character): what a recogniser leaves of a sentence when the speaker is cut off.
"""

import argparse
import itertools
import json
import random
import re
import subprocess
import tempfile
from pathlib import Path

from quality import calls, read_corpus

# Licences: CC BY 4.0 (mrda, hkcancor), Apache-2.0 (cped, crosswoz, justplus_synth), CDLA-Permissive (multidogo). Not
# the non-commercial ones (backcast, backspeech, maptask), the share-alike treebanks, ten_turn, whose licence adds
# conditions, nor vcsum_hand, which is too small to learn from and be measured on.
CORPORA = {
    "mrda": 1.0,
    "cped": 1.0,
    "crosswoz": 0.5,
    "multidogo": 0.3,
    "hkcancor": 1.0,
    "justplus_synth": 1.0,
}
# Of which corpora good utterances are cut, and how many of them.
CUT = {"mrda": 0.05, "cped": 0.5, "crosswoz": 0.5, "multidogo": 0.2, "hkcancor": 0.1}
# Corpora that are also learned from without punctuation, or with full stops everywhere.
SPELLINGS = {"mrda": {"~bare": "", "~stop": "."}, "hkcancor": {"~bare": ""}, "crosswoz": {"~bare": ""}}
COPIES = 1
LABELS = {"keep", "filler", "backchannel", "fragment"}
HAN = re.compile(r"[\u3400-\u9fff]")


def cut(text, chance):
    """The beginning of a text, without its final punctuation; none where it is too short to be cut."""
    bare = text.rstrip(" .。!！?？,，")
    unspaced = len(HAN.findall(bare)) > len(bare) / 2
    parts = list(bare) if unspaced else bare.split(" ")
    if len(parts) < (5 if unspaced else 4):
        return None
    left = parts[: chance.randint(max(2, len(parts) * 2 // 5), len(parts) - 1)]
    return ("" if unspaced else " ").join(left).rstrip(" ,，、")


def respelled(call, stop):
    """A call as a recogniser spells it that writes no punctuation, or a full stop behind everything."""

    def plain(text):
        bare = re.sub(r"[.,!?。，！？、]+(?=\s|$)", "", text).strip()
        return bare + stop if bare and not text.rstrip().endswith(("?", "？")) else text if stop else bare

    return call | {"dialog": [entry | {"text": plain(entry["text"])} for entry in call["dialog"]]}


def prepare(folder, importance, share, chance, log, table):
    dialogs = read_corpus(folder, "train")
    by_name = {}
    for call in calls(folder, dialogs):
        rows = {row.idx + 1: row for row in dialogs[call["instanceid"]]}
        name = f"{folder.name}/{call['instanceid']}"
        by_name[name] = call, rows
        log.write(json.dumps(call | {"instanceid": name}, ensure_ascii=False) + "\n")
        for row in rows.values():
            if row.label in LABELS:
                table.write(f"{name}\t{row.idx + 1}\t{row.label}\t{importance}\n")
    for name, (call, rows) in list(by_name.items()):
        for tag, stop in SPELLINGS.get(folder.name, {}).items():
            log.write(json.dumps(respelled(call, stop) | {"instanceid": name + tag}, ensure_ascii=False) + "\n")
            for row in rows.values():
                if row.label in LABELS:
                    table.write(f"{name}{tag}\t{row.idx + 1}\t{row.label}\t{importance}\n")
    if not share:
        return
    stops = sum(call["dialog"][-1]["text"].endswith(("。", ".")) for call, _ in by_name.values())
    stop = "" if folder.name == "mrda" or stops < len(by_name) / 2 else "。"
    for (name, (call, rows)), copy in itertools.product(by_name.items(), range(COPIES)):
        name = f"{name}~{copy}"
        dialog = []
        for entry in call["dialog"]:
            row = rows.get(entry["id"])
            left = cut(entry["text"], chance) if row and row.label == "keep" and chance.random() < share else None
            if left:
                table.write(f"{name}\t{entry['id']}\tfragment\t{importance / 5}\n")
                entry = entry | {"text": left + stop}
            dialog.append(entry)
        log.write(json.dumps(call | {"instanceid": name, "dialog": dialog}, ensure_ascii=False) + "\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--trainer", type=Path, required=True)
    arguments.add_argument("--corpora", type=Path, required=True)
    arguments.add_argument("--weights", type=Path, required=True)
    arguments.add_argument("--without", nargs="*", default=[], help="corpora to leave out, to see what carries over")
    given = arguments.parse_args()
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as scratch:
        log, table = Path(scratch, "calls.jsonl"), Path(scratch, "labels.tsv")
        with open(log, "w", encoding="utf-8") as calls_file, open(table, "w", encoding="utf-8") as labels_file:
            for name, importance in CORPORA.items():
                if name not in given.without:
                    share = CUT.get(name, 0.0)
                    prepare(given.corpora / name, importance, share, chance, calls_file, labels_file)
        subprocess.run([given.trainer, log, table, given.weights], check=True)


if __name__ == "__main__":
    main()
