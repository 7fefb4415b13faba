"""Scores the judges against corpora of real dialogues with labels.

    quality.py --turnset BIN --corpora DIR [--split dev] [--only NAME...] [--json FILE] [--errors FILE] [--set K=V...]

A corpus is a folder with `utterances.tsv` (corpus, dialog_id, idx, speaker, text, label), `tags.tsv` (dialog_id, idx,
raw_tag, begin, end, turn, split) and, where there are two parties, `calllog/*.json`, whose entry ids are idx + 1. Where
there are no call logs, each dialogue becomes a call of user entries. The labels that turnset heard are read from the
ledger of an ordinary build. Corpora are not part of this repository.
"""

import argparse
import csv
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

LABELS = ("fragment", "backchannel", "filler", "greeting", "closing")
DROP = {"filler", "fragment", "backchannel"}

# What must be reached on dev dialogues: measure, sign, bound.
BOUNDS = {
    "mrda": [("drop", ">=", 0.86), ("fragment", ">=", 0.60), ("lost", "<=", 0.05)],
    "maptask": [("drop", ">=", 0.82), ("lost", "<=", 0.07)],
    "ten_turn": [("fragment", ">=", 0.70), ("fragment precision", ">=", 0.85)],
    "vcsum_hand": [("fragment", ">=", 0.45), ("lost", "<=", 0.05)],
    "cped": [("lost", "<=", 0.010)],
    "crosswoz": [("lost", "<=", 0.001)],
    "multidogo": [("lost", "<=", 0.04), ("greeting", ">=", 0.85)],
    "hkcancor": [("drop", ">=", 0.80), ("lost", "<=", 0.025)],
    "backcast": [("drop", ">=", 0.95)],
    "backspeech": [("drop", ">=", 0.95)],
    "ud_french_parisstories": [("lost", "<=", 0.012)],
    "ud_french_rhapsodie": [("lost", "<=", 0.012)],
    "ud_spanish_coser": [("lost", "<=", 0.012)],
    "ud_turkish_german_sagt": [("lost", "<=", 0.012)],
    "ud_slovenian_sst": [("lost", "<=", 0.012)],
}
# A weekend's regex and lexicon filter on the same dialogues: fragment F1, backchannel F1, drop F1, lost, short kept.
BASELINE = {
    "backcast": (None, 0.93, 0.93, 0.024, 0.836),
    "backspeech": (None, 0.94, 0.93, 0.041, 0.778),
    "cped": (None, 0.25, 0.20, 0.018, 0.884),
    "crosswoz": (None, None, 0.00, 0.001, 1.000),
    "hkcancor": (None, 0.76, 0.75, 0.037, 0.759),
    "justplus_synth": (0.48, None, 0.48, 0.014, 1.000),
    "maptask": (0.17, 0.66, 0.75, 0.149, 0.514),
    "mrda": (0.47, 0.82, 0.81, 0.086, 0.544),
    "multidogo": (None, None, 0.00, 0.115, 0.789),
    "ten_turn": (0.46, None, 0.46, 0.008, None),
    "ud_french_parisstories": (0.83, 0.60, 0.79, 0.012, 0.875),
    "ud_french_rhapsodie": (0.67, 0.00, 0.57, 0.016, 1.000),
    "ud_slovenian_sst": (0.00, 1.00, 0.50, 0.009, 1.000),
    "ud_spanish_coser": (0.71, 1.00, 0.75, 0.019, 1.000),
    "ud_turkish_german_sagt": (0.33, None, 0.33, 0.015, 1.000),
    "vcsum_hand": (0.14, None, 0.19, 0.078, 0.545),
}
LANGUAGE = {
    "backcast": "ko",
    "backspeech": "ko",
    "cped": "zh",
    "crosswoz": "zh",
    "hkcancor": "yue",
    "justplus_synth": "zh",
    "ud_french_parisstories": "fr",
    "ud_french_rhapsodie": "fr",
    "ud_slovenian_sst": "sl",
    "ud_spanish_coser": "es",
    "ud_turkish_german_sagt": "de",
    "vcsum_hand": "zh",
}
# Too small to be cut in two.
WHOLE = {"vcsum_hand"}


class Row(NamedTuple):
    dialog: str
    idx: int
    text: str
    label: str
    begin: float | None


def table(path):
    with open(path, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def read_corpus(folder, split):
    """The rows of one split, by dialogue."""
    tags = {(tag["dialog_id"], tag["idx"]): tag for tag in table(folder / "tags.tsv")}
    dialogs = defaultdict(list)
    for row in table(folder / "utterances.tsv"):
        tag = tags[row["dialog_id"], row["idx"]]
        if split == "all" or folder.name in WHOLE or tag["split"] == split:
            begin = float(tag["begin"]) if tag["begin"] else None
            dialogs[row["dialog_id"]].append(Row(row["dialog_id"], int(row["idx"]), row["text"], row["label"], begin))
    return dialogs


def calls(folder, dialogs):
    """The call logs of the dialogues, as archived or made of their rows."""
    archived = {path.stem: path for path in (folder / "calllog").glob("*.json")}
    by_id = {}
    for path in archived.values():
        call = json.loads(path.read_bytes())
        by_id[call["instanceid"]] = call
    for name, rows in dialogs.items():
        yield by_id.get(name) or {
            "instanceid": name,
            "dialog": [
                {"id": row.idx + 1, "begin": row.begin, "role": "user", "type": "normal", "text": row.text} for row in rows
            ],
        }


def heard(turnset, folder, dialogs, changes):
    """What turnset heard: label and role by (dialogue, idx)."""
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch, "calls.jsonl")
        with open(source, "w", encoding="utf-8") as file:
            for call in calls(folder, dialogs):
                file.write(json.dumps(call, ensure_ascii=False) + "\n")
        out = Path(scratch, "out")
        command = [turnset, "build", source, "--out", out, "--quiet", *(f"--set={change}" for change in changes)]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode not in (0, 3):
            sys.exit(f"error: {done.stderr}")
        columns = ["unit", "session_id", "utterance_id", "label", "role", "fate"]
        ledger = pq.read_table(out / "audit" / "ledger.parquet", columns=columns).to_pylist()
    return {
        (row["session_id"], row["utterance_id"] - 1): (row["label"], row["role"])
        for row in ledger
        if row["unit"] == "utterance"
    }


def units(text):
    """Content units: a Han or Kana character, or another word."""
    return len(re.findall(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+(?:'\w+)*", text))


def f1(hits, said, meant):
    precision = hits / said if said else 0.0
    recall = hits / meant if meant else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0


def scores(rows, labels):
    """Precision, recall and F1 by label and of drop; the shares of good utterances lost, of short ones kept."""
    counts = Counter((row.label, labels[row.dialog, row.idx][0]) for row in rows if row.label != "other")
    result = {"scored": sum(counts.values())}
    groups = {label: {label} for label in LABELS} | {"drop": DROP}
    for name, group in groups.items():
        hits = sum(n for (meant, said), n in counts.items() if meant in group and said in group)
        all_said = sum(n for (_, said), n in counts.items() if said in group)
        all_meant = sum(n for (meant, _), n in counts.items() if meant in group)
        if all_meant:
            result[name] = f1(hits, all_said, all_meant)
    good = [row for row in rows if row.label == "keep"]
    kept = [row for row in good if labels[row.dialog, row.idx][0] == "keep"]
    if good:
        result["lost"] = 1 - len(kept) / len(good)
    short = sum(units(row.text) <= 2 for row in good)
    if short:
        result["short kept"] = sum(units(row.text) <= 2 for row in kept) / short
    return result, counts


def judged(name, result):
    """The bounds of a corpus with what was reached."""
    holds = {">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b}
    for measure, sign, bound in BOUNDS.get(name, ()):
        label, _, part = measure.partition(" ")
        value = result.get(label, (0.0, 0.0, 0.0) if sign == ">=" else 0.0)
        value = value if isinstance(value, float) else value[0 if part else 2]
        yield f"{measure} {value:.3f} {sign} {bound}", holds[sign](round(value, 4), bound)


def line(name, language, result, baseline=None):
    def score(label, known):
        if label not in result:
            return f"{'-':^21}"
        text = "/".join(f"{part:.2f}" for part in result[label])
        return f"{text} {f'({known:.2f})' if known is not None else '':6}"

    def share(label, known):
        value = f"{result[label]:.3f}" if label in result else "-"
        return f"{value:>6} {f'({known:.3f})' if known is not None else '':7}"

    known = baseline or (None,) * 5
    return "  ".join(
        [
            f"{name:23} {language:3} {result['scored']:6}",
            score("fragment", known[0]),
            score("backchannel", known[1]),
            score("filler", None),
            score("drop", known[2]),
            score("greeting", None),
            share("lost", known[3]),
            share("short kept", known[4]),
        ]
    )


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--turnset", type=Path, required=True)
    arguments.add_argument("--corpora", type=Path, required=True)
    arguments.add_argument("--split", default="dev", choices=["train", "dev", "all"])
    arguments.add_argument("--only", nargs="*", default=[])
    arguments.add_argument("--set", action="append", default=[], help="recipe keys, as for turnset")
    arguments.add_argument("--json", type=Path, help="writes every figure to this file")
    arguments.add_argument("--errors", type=Path, help="writes every utterance heard otherwise to this file")
    given = arguments.parse_args()
    if not given.corpora.is_dir():
        sys.exit(f"error: no corpora in {given.corpora}: name their folder with --corpora")

    print(f"precision/recall/F1 on {given.split} dialogues, of a baseline in brackets")
    heads = "fragment", "backchannel", "filler", "drop", "greeting"
    print(f"{'corpus':23} {'':3} {'scored':>6}  " + "  ".join(f"{head:21}" for head in heads) + "  lost            short kept")
    figures, verdicts, errors = {}, [], []
    languages = defaultdict(Counter)
    for folder in sorted(path for path in given.corpora.iterdir() if (path / "utterances.tsv").exists()):
        name = folder.name
        if given.only and name not in given.only:
            continue
        dialogs = read_corpus(folder, given.split)
        rows = [row for dialog in dialogs.values() for row in dialog]
        if all(row.label == "other" for row in rows):
            continue
        labels = heard(given.turnset, folder, dialogs, given.set)
        result, counts = scores(rows, labels)
        figures[name] = result
        print(line(name, LANGUAGE.get(name, ""), result, BASELINE.get(name)))
        users = [row for row in rows if labels[row.dialog, row.idx][1] == "user"]
        if len(users) < len(rows):
            figures[f"{name}, user side"] = of_users = scores(users, labels)[0]
            print(line("  user side", "", of_users))
        verdicts += [(name, *verdict) for verdict in judged(name, result)]
        if name == "ten_turn":
            for language in "en", "zh":
                part = [row for row in rows if row.dialog.startswith(language)]
                print(line(f"  {language}", "", scores(part, labels)[0]))
        errors += [
            (name, row.dialog, row.idx, row.label, labels[row.dialog, row.idx][0], row.text)
            for row in rows
            if row.label not in ("other", labels[row.dialog, row.idx][0])
        ]
        languages[LANGUAGE.get(name, "en")].update(counts)
    print()
    for name, text, kept in verdicts:
        print(f"{'reached' if kept else 'MISSED ':7}  {name}: {text}")
    if given.errors:
        given.errors.write_text("".join("\t".join(map(str, error)) + "\n" for error in errors))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
