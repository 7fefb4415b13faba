"""Trains the learned judges of open corpora whose licences allow it.

    train.py --trainer BIN --corpora DIR --weights DIR [--only disfluencies|endings] [--without NAME...]

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

from quality import calls, read_corpus, table

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
# What endings are learned from, with the number of cuts of each utterance. vcsum (MIT) has no labels, but sentences; those
# that people have labelled in vcsum_hand are left out.
ENDINGS = {"cped": 1, "crosswoz": 1, "justplus_synth": 1, "vcsum": 2, "multidogo": 1, "mrda": 1}
STOPS = re.compile(r"[，。！？、,.!?…~～：:；;“”\"‘《》（）()—]+")
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


def prepare_sentences(folder, by_hand, chance, log, labels):
    """Calls of short sentences without labels, some of them cut in the middle and yet with a full stop, as recognisers do."""
    for dialog, rows in read_corpus(folder, "train").items():
        name = f"{folder.name}/{dialog}"
        entries = []
        for row in rows:
            if (row.dialog, row.idx) in by_hand or not row.text.endswith(("。", "？", "！")):
                continue
            clauses = [clause for clause in re.split("[，。！？]", row.text) if clause]
            stop = row.text[-1]
            if chance.random() < 0.3:
                clause = chance.choice(clauses)
                if len(clause) < 4:
                    continue
                text, label = clause[: chance.randint(1, min(len(clause) - 1, 9))] + "。", "fragment"
            else:
                text, label = (row.text if len(row.text) < 13 else clauses[-1] + stop), "keep"
            entry = {"id": len(entries) + 1, "begin": len(entries), "role": "user", "type": "normal", "text": text}
            labels.write(f"{name}\t{entry['id']}\t{label}\t1.0\n")
            entries.append(entry)
        log.write(json.dumps({"instanceid": name, "dialog": entries}, ensure_ascii=False) + "\n")


def labelled_by_hand(corpora):
    """The utterances of vcsum that are also in vcsum_hand."""
    tags = table(corpora / "vcsum_hand" / "tags.tsv")
    found = ((tag["dialog_id"], re.search(r"src_idx=(\d+)", tag["raw_tag"])) for tag in tags)
    return {(dialog, int(match.group(1))) for dialog, match in found if match}


def whole_texts(name, row):
    """What of a row is known to be complete, and what to be cut."""
    if name == "vcsum":
        if row.text.endswith(("。", "？", "！")):
            clauses = [clause for clause in re.split("[，。！？]", row.text) if clause]
            yield row.text, False
            if len(clauses) > 1 and len(clauses[-1]) > 3:
                yield clauses[-1], False
    elif row.label in ("keep", "fragment"):
        # Where cuts are marked, what is marked otherwise ends in a full stop or a question mark.
        if name != "mrda" or row.text.rstrip().endswith((".", "?")):
            yield row.text, row.label == "fragment"


def endings(corpora, names, chance, file):
    by_hand = labelled_by_hand(corpora)
    for name in names:
        for rows in read_corpus(corpora / name, "train").values():
            for row in rows:
                if name == "vcsum" and (row.dialog, row.idx) in by_hand:
                    continue
                for text, is_cut in whole_texts(name, row):
                    bare = " ".join(STOPS.sub(" ", text).split())
                    unspaced = len(HAN.findall(bare)) > 0.6 * len(bare)
                    bare = bare.replace(" ", "") if unspaced else bare
                    parts = list(bare) if unspaced else bare.split()
                    if not parts:
                        continue
                    print(int(is_cut), 1.0, bare, sep="\t", file=file)
                    if is_cut or len(parts) < 4:
                        continue
                    for _ in range(ENDINGS[name]):
                        left = ("" if unspaced else " ").join(parts[: chance.randint(2, len(parts) - 1)])
                        print(1, 1 / ENDINGS[name], left, sep="\t", file=file)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--trainer", type=Path, required=True)
    arguments.add_argument("--corpora", type=Path, required=True)
    arguments.add_argument("--weights", type=Path, required=True, help="the folder of weights.bin and endings.bin")
    arguments.add_argument("--only", choices=["disfluencies", "endings"])
    arguments.add_argument("--without", nargs="*", default=[], help="corpora to leave out, to see what carries over")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if given.only != "endings":
            log, labels, chance = Path(scratch, "calls.jsonl"), Path(scratch, "labels.tsv"), random.Random(1)
            with open(log, "w", encoding="utf-8") as calls_file, open(labels, "w", encoding="utf-8") as labels_file:
                for name, importance in CORPORA.items():
                    if name not in given.without:
                        share = CUT.get(name, 0.0)
                        prepare(given.corpora / name, importance, share, chance, calls_file, labels_file)
                if "vcsum" not in given.without:
                    by_hand = labelled_by_hand(given.corpora)
                    prepare_sentences(given.corpora / "vcsum", by_hand, chance, calls_file, labels_file)
            subprocess.run([given.trainer, log, labels, given.weights / "weights.bin"], check=True)
        if given.only != "disfluencies":
            texts, chance = Path(scratch, "texts.tsv"), random.Random(1)
            with open(texts, "w", encoding="utf-8") as file:
                endings(given.corpora, [name for name in ENDINGS if name not in given.without], chance, file)
            subprocess.run([given.trainer, texts, given.weights / "endings.bin"], check=True)


if __name__ == "__main__":
    main()
