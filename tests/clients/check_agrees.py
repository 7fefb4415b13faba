"""Gives peculiar files to real clients and to `turnset check`: it must object exactly where the client does.

Usage: python check_agrees.py TURNSET [TEMPLATES]

TURNSET is the program, TEMPLATES the folder `chat_templates` of TRL. Whichever clients are installed are asked. What
`--fix` writes must be taken by the client, and no row and no word of an answer may be lost on the way.
"""

from checks import Broken, check, refused, require  # first: sets what `datasets` reads when it is imported

import collections
import contextlib
import importlib.util
import json
import logging
import os
import pathlib
import subprocess
import sys
import tempfile

import outputs

# The row that is spoiled, of so many.
AT, ROWS = 5, 12
# What other tools call the one whose words are learned, and how they say that some are not.
ANSWERS = ("assistant", "gpt", "agent")
WEIGHTS = ("weight", "loss", "loss_weight", "loss_scale", "train", "training")


def good(rows=ROWS, **keys):
    """Rows that everybody takes; `keys` stand beside the messages."""
    return [
        {
            "messages": [
                {"role": "system", "content": "You are the desk of a parcel service."},
                {"role": "user", "content": f"Where is my parcel {at}?"},
                {"role": "assistant", "content": f"Your parcel {at} is on its way."},
                {"role": "user", "content": f"When will parcel {at} come, please?"},
                {"role": "assistant", "content": f"Parcel {at} comes in {at + 2} days."},
            ],
            **keys,
        }
        for at in range(rows)
    ]


def lines(rows):
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def row(spoil):
    """Spoils one row: `spoil` changes it, or returns another."""
    rows = good()
    rows[AT] = spoil(rows[AT]) or rows[AT]
    return lines(rows)


def messages(spoil):
    return row(lambda row: spoil(row["messages"]) and None)


def message(at, **keys):
    return messages(lambda talk: talk[at].update(keys))


def without(at, key):
    return messages(lambda talk: talk[at].pop(key) and None)


def put(at, role, content):
    return messages(lambda talk: talk.insert(at, {"role": role, "content": content}))


def called(name, other):
    return messages(lambda talk: [one.update(role=other) for one in talk if one["role"] == name])


def weighed(**keys):
    return messages(lambda talk: [one.update(keys) for one in talk if one["role"] == "assistant"])


def said(spell):
    """Rows of which everything that is said is spelled anew."""
    rows = good()
    for talk in (row["messages"] for row in rows):
        for at, one in enumerate(talk):
            one["content"] = spell(at, one["content"])
    return lines(rows)


def line(spoil):
    """Spoils one line, as bytes."""
    split = lines(good()).split(b"\n")
    split[AT] = spoil(split[AT])
    return b"\n".join(split)


def parts(_, text):
    return [{"type": "text", "text": text}]


GOOD = lines(good())
# One peculiarity each: the bytes of one file, or of several by name.
CASES = {
    "nothing": GOOD,
    "a greeting first": put(1, "assistant", "Hello, parcel service."),
    "a greeting and no system": messages(lambda talk: talk[0].update(role="assistant")),
    "two requests in a row": put(1, "user", "I want"),
    "two answers in a row": put(5, "assistant", "Anything else?"),
    "the user last": put(5, "user", "Thank you."),
    "only a system text": messages(lambda talk: talk.__delitem__(slice(1, None))),
    "only a request": messages(lambda talk: talk.__delitem__(slice(2, None))),
    "only an answer": row(lambda row: {"messages": row["messages"][2:3]}),
    "no system text": messages(lambda talk: talk.pop(0) and None),
    "the system in the middle": put(3, "system", "Be brief."),
    "the system after a request": put(2, "system", "Be brief."),
    "two system texts": put(1, "system", "Be brief."),
    "the system last": put(5, "system", "Be brief."),
    "a request of null": message(1, content=None),
    "an answer of null": message(2, content=None),
    "an empty request": message(1, content=""),
    "an empty answer": message(2, content=""),
    "a blank answer": message(2, content=" \n"),
    "an empty system text": message(0, content=""),
    "no content": without(1, "content"),
    "no role": without(1, "role"),
    "content that is a number": message(1, content=42),
    "content in parts": message(1, content=parts(1, "Where is my parcel?")),
    "everything in parts": said(parts),
    "content of no parts": message(1, content=[]),
    "content that is a list of texts": message(1, content=["Where", "is it?"]),
    "weight 0": message(2, weight=0),
    "weight 1": message(2, weight=1),
    "weight 0.5": message(2, weight=0.5),
    "weight 1.0": message(2, weight=1.0),
    "weight 2": message(2, weight=2),
    "weight null": message(2, weight=None),
    "weight true": message(2, weight=True),
    "weight false": message(2, weight=False),
    "weight '1'": message(2, weight="1"),
    "a weight on the user": message(1, weight=1),
    "every weight 0": weighed(weight=0),
    "loss false": message(2, loss=False),
    "one more column": row(lambda row: row.update(id="call-5")),
    "a name": message(1, name="Ann"),
    "one more key": message(1, note="loud"),
    "role human": called("user", "human"),
    "role agent": called("assistant", "agent"),
    "role gpt": called("assistant", "gpt"),
    "role function": message(3, role="function"),
    "role tool": message(3, role="tool"),
    "role User": message(1, role="User"),
    "role null": message(1, role=None),
    "a system text beside messages": row(lambda row: row.update(system="Be polite.")),
    "weights beside messages": row(lambda row: row.update(weights=[0, 0, 0, 0, 1])),
    "a thought with an answer": message(2, reasoning_content="It left the hub."),
    "another key that says not to learn": message(2, loss_scale=0.0),
    "no messages": row(lambda row: {"messages": []}),
    "messages of null": row(lambda row: {"messages": None}),
    "messages that are missing": row(lambda row: {"id": "call-5"}),
    "messages that are a text": row(lambda row: {"messages": "hello"}),
    "messages that are texts": row(lambda row: {"messages": ["hello", "hi"]}),
    "no JSON": line(lambda line: line[:40]),
    "a line that is a list": line(lambda line: b"[" + line + b"]"),
    "a line that is a text": line(lambda line: b'"hello"'),
    "no UTF-8": line(lambda line: line.replace(b"Where", b"Wh\xe9re")),
    "half a character": line(lambda line: line.replace(b"Where", b"\\ud800Where")),
    "a number that is none": line(lambda line: line[:-1] + b', "score": NaN}'),
    "a key twice": line(lambda line: line.replace(b'"content"', b'"content": "x", "content"', 1)),
    "a mark at the start": b"\xef\xbb\xbf" + GOOD,
    "a mark in the middle": line(lambda line: b"\xef\xbb\xbf" + line),
    "CRLF": GOOD.replace(b"\n", b"\r\n"),
    "no end of the last line": GOOD[:-1],
    "a blank line": line(lambda line: b"\n" + line),
    "a blank line at the end": GOOD + b"\n",
    "U+2028": message(1, content="Where\u2028is it?"),
    "U+0085": message(1, content="Where\u0085is it?"),
    "an empty file": b"",
    "two rows": lines(good(2)),
    "nothing but dates": said(lambda at, _: f"2025-01-0{at + 1}"),
    "nothing but times": said(lambda at, _: f"2025-01-0{at + 1}T10:30:00Z"),
    "a column of dates": lines(good(day="2025-01-01")),
    "prompt beside messages": lines(good(prompt="hello")),
    "prompt and completion beside messages": lines(good(prompt="hello", completion="hi")),
    "text beside messages": lines(good(text="hello")),
    "rows of prompt and completion": lines([{"prompt": "hello", "completion": "hi"}] * ROWS),
    "rows of text": lines([{"text": "hello"}] * ROWS),
    "one row of another layout": row(lambda row: {"prompt": "hello", "completion": "hi"}),
    "a text, then a number": lines(good(6, note="x") + good(6, note=3)),
    "null, then a text": lines(good(6, note=None) + good(6, note="x")),
    "null here, a text there": {"train-0": lines(good(note=None)), "train-1": lines(good(note="x"))},
    "a text here, null there": {"train-0": lines(good(note="x")), "train-1": lines(good(note=None))},
    "a number here, a text there": {"train-0": lines(good(note=3)), "train-1": lines(good(note="x"))},
    "a text here, a number there": {"train-0": lines(good(note="x")), "train-1": lines(good(note=3))},
    "an integer here, a float there": {"train-0": lines(good(note=3)), "train-1": lines(good(note=3.5))},
    "nothing here, a text there": {"train-0": GOOD, "train-1": lines(good(note="x"))},
    "an empty file beside a good one": {"train": GOOD, "validation": b""},
}

# Where the two differ, and are meant to.
MEANT = {
    "openai": {
        "content in parts": "the schema of the service takes parts",
        "everything in parts": "the schema of the service takes parts",
        "role function": "the schema of the service takes it",
        "role tool": "the schema of the service takes it",
        "half a character": "Python's JSON takes what no other does",
    },
    "together": {
        "role tool": "releases from 3 on take it",
        "half a character": "Python's JSON takes what no other does",
    },
    "mistral": {"a number that is none": "Python's JSON takes what no other does"},
    "datasets": {"a number that is none": "pandas and Python's JSON take it, and nobody else does"},
    "trl": {
        "a number that is none": "pandas and Python's JSON take it, and nobody else does",
        "only a request": "the trainer itself refuses it, which is not here",
    },
}
# What releases of `datasets` before 4.8 refuse, and trainers pin those.
OLD = {
    "content that is a number",
    "content in parts",
    "content of no parts",
    "content that is a list of texts",
    "messages that are a text",
    "messages that are texts",
    "a text, then a number",
}
# Where the two differ and should not. Whoever makes them agree takes the line out.
OPEN = {
    "openai": {},
    "together": {},
    "mistral": {
        "role tool": "a tool answers a call",
    },
    "datasets": {},
    "trl": {},
}
# Repairs that change what is learned, or what it is learned from, and should not be made.
UNSAFE = {
    "openai": {},
    "together": {},
    "mistral": {},
    "datasets": {},
    "trl": {},
}
# What is found by rules that the client here cannot know, as its trainer is not asked.
BEYOND = {"trl": {"reserved", "unlearned", "last", "mixed_shapes"}}
# What is wrong with files and not with rows: no repair of a row helps.
OF_FILES = {"file_type", "bytes", "empty_file", "few_rows", "mixed_types", "mixed_files", "retyped", "mixed_shapes", "dates", "date_columns"}


def main(args):
    if not 1 <= len(args) <= 2:
        sys.exit("usage: check_agrees.py TURNSET [TEMPLATES]")
    program = pathlib.Path(args[0]).resolve()
    logging.disable(logging.WARNING)
    clients = installed(pathlib.Path(args[1]) if args[1:] else None)
    require(clients, "no client is installed")
    with tempfile.TemporaryDirectory() as folder:
        for name, client in clients.items():
            print(f"# {name}")
            for at, (case, files) in enumerate(CASES.items()):
                place = pathlib.Path(folder, name, str(at))
                write(place / "in", files)
                with check(case):
                    agrees(program, name, client, case, place)
            bad = pathlib.Path(folder, name, "bad")
            write(bad, CASES["no JSON"])
            with refused("a verdict that is turned round", Broken):
                compare(name, "no JSON", [] if client(bad) else ["no"], found(program, name, bad))
            with refused("a check that finds nothing", Broken):
                compare(name, "no JSON", client(bad), [])
            with refused("a repair that loses an answer", Broken):
                keeps_answers(read(bad), read(bad)[1:])


def write(folder, files):
    folder.mkdir(parents=True)
    for name, content in (files if isinstance(files, dict) else {"train": files}).items():
        (folder / f"{name}.jsonl").write_bytes(content)


def agrees(program, name, client, case, place):
    objections, findings = client(place / "in"), found(program, name, place / "in")
    compare(name, case, objections, findings)
    if reason := UNSAFE[name].get(case):
        with contextlib.suppress(Lost):
            mended(program, name, client, place, findings)
            raise Broken(f"the repair is safe now; take it out of UNSAFE ({reason})")
        print(f"  unsafe: {reason}")
    elif findings:
        mended(program, name, client, place, findings)


def compare(name, case, objections, findings):
    differ = bool(objections) != bool(findings)
    told = f"the client says {objections[:3]}, the check {findings}"
    if reason := OPEN[name].get(case):
        require(differ, f"it agrees now; take it out of OPEN ({reason})")
        print(f"  open: {reason}")
    elif case in MEANT[name]:
        require(differ, f"it agrees; take it out of MEANT ({MEANT[name][case]})")
    else:
        is_old = name in ("datasets", "trl") and case in OLD and not objections and is_lenient()
        require(not differ or is_old, told)


def found(program, name, folder, *more):
    """The rules that are broken, as far as the client can know them."""
    checked = run(program, name, folder, *more)
    return [one["rule"] for one in checked["findings"] if one["rule"] not in BEYOND.get(name, ())]


def run(program, name, folder, *more):
    command = [program, "check", folder, "--target", name, "--json", *more]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    require(done.returncode in (0, 1) and done.stdout, f"exit code {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def mended(program, name, client, place, findings):
    """What is repaired must be taken, and everything be there still."""
    fixed = place / "fixed"
    checked = run(program, name, place / "in", "--fix", fixed)
    kept, lost = read(fixed), read(fixed / "refused")
    counts = checked["repaired"]
    require(counts["unchanged"] + counts["repaired"] == len(kept), f"{counts}, but {len(kept)} rows are written")
    require(counts["refused"] == len(lost), f"{counts}, but {len(lost)} rows are refused")
    require(len(kept) + len(lost) == checked["rows"], f"{len(kept)} and {len(lost)} rows of {checked['rows']}")
    keeps_answers(read(place / "in"), kept + lost)
    if kept and not OF_FILES.intersection(findings):
        left = client(fixed) if not (fixed / "refused").exists() else client(apart(fixed, place / "taken"))
        require(not left, f"what is repaired is not taken: {left[:3]}")


class Lost(Broken):
    """A repair that changes what is learned."""


def keeps_answers(before, after):
    before, after = answers(before), answers(after)
    if before != after:
        raise Lost(f"of what is said, {before - after} is lost and {after - before} is new")


def apart(fixed, folder):
    """The copies without what is refused."""
    folder.mkdir()
    for path in fixed.glob("*.jsonl"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def read(folder):
    """The lines of all files that are not blank."""
    content = [path.read_bytes() for path in sorted(folder.glob("*.jsonl"))]
    return [line.strip() for one in content for line in one.split(b"\n") if line.strip()]


def answers(found):
    """How often each character but blanks stands in what is learned, in answers that are only read, and in `system`."""
    counts = collections.Counter()
    for line in found:
        with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
            row = json.loads(line.decode("utf-8-sig"))
            talk = [{"role": "system", "content": row.get("system", "")}, *row["messages"]]
            for one, weight in zip(talk, [None, *row.get("weights", [None] * len(talk))]):
                kind = one.get("role")
                if kind in ANSWERS:
                    given = [one[key] for key in WEIGHTS if one.get(key) is not None] or [weight]
                    kind = "read" if given[0] in (0, "0") else "learned"
                if kind in ("system", "read", "learned"):
                    text = plain(one.get("content")) + (one.get("reasoning_content") or "")
                    counts.update((kind, character) for character in "".join(text.split()))
    return counts


def plain(content):
    if isinstance(content, list):
        return "".join(part["text"] for part in content)
    return content if isinstance(content, str) else ""


def installed(templates):
    """Who is here to be asked: each returns what it has against the files of a folder."""
    clients = {}
    has = importlib.util.find_spec
    if has("together"):
        clients["together"] = together()
    if has("mistral_common"):
        clients["mistral"] = mistral()
        clients["openai"] = openai
    if has("datasets"):
        clients["datasets"] = hugging_face
    if has("transformers") and has("datasets") and templates:
        clients["trl"] = trl(templates)
    return clients


def together():
    os.environ["TOGETHER_NO_BANNER"] = "1"
    from together.utils import check_file

    def ask(folder):
        reports = [check_file(path) for path in sorted(folder.glob("*.jsonl"))]
        return [report["message"] for report in reports if not report["is_check_passed"]]

    return ask


def mistral():
    import mistral_common
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    from mistral_common.protocol.instruct.validator import ValidationMode
    from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

    import mistral_file

    data = pathlib.Path(mistral_common.__file__).parent / "data"
    tokenizers = [
        MistralTokenizer.from_file(str(data / name), mode=ValidationMode.finetuning)
        for name in mistral_file.TOKENIZERS.values()
    ]

    def encode(line):
        messages = [mistral_file.KINDS[one["role"]](**one) for one in line["messages"]]
        for tokenizer in tokenizers:
            tokenizer.encode_chat_completion(ChatCompletionRequest(messages=messages))

    return lambda folder: each_line(folder, encode)


def openai(folder):
    import openai_file

    rows = sum(len(read_lines(path)) for path in folder.glob("*.jsonl") if path.stem.startswith("train"))
    few = [f"{rows} examples"] if rows < openai_file.MIN_EXAMPLES else []
    return few + each_line(folder, lambda line: openai_file.example(line))


def read_lines(path):
    return path.read_bytes().split(b"\n")[:-1]


def each_line(folder, ask):
    """What is raised for the lines of files that are read as Python reads them."""
    raised = []
    for path in sorted(folder.glob("*.jsonl")):
        try:
            found = list(path.open(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raised.append(str(error))
            continue
        for number, line in enumerate(found, 1):
            try:
                ask(json.loads(line))
            except Exception as error:
                raised.append(f"{number}: {type(error).__name__}: {error}"[:200])
    return raised


def is_lenient():
    import datasets

    return tuple(map(int, datasets.__version__.split(".")[:2])) >= (4, 8)


def hugging_face(folder):
    try:
        loaded = load(folder)
    except Exception as error:
        return [last_cause(error)]
    written = [json.loads(line.decode("utf-8-sig")) for line in read(folder)]
    return [] if present(loaded) == present(written) else ["it reads as other rows"]


def load(folder):
    import datasets

    datasets.disable_progress_bars()
    files = {}
    for path in sorted(folder.glob("*.jsonl")):
        files.setdefault(path.stem.split("-")[0], []).append(str(path))
    splits = datasets.load_dataset("json", data_files=files)
    return [row for split in files for row in splits[split]]


def last_cause(error):
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {error}"[:200]


def present(value):
    """A value without what is null, which fills the gaps between rows."""
    if isinstance(value, dict):
        return {key: present(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [present(one) for one in value]
    # Not a number is not itself either.
    return value if value == value else "NaN"


def trl(folder_of_templates):
    import templates as ours
    from transformers.utils.chat_template_utils import render_jinja_template

    sources = [(path, path.read_text(encoding="utf-8")) for path in sorted(folder_of_templates.glob("*.jinja"))]
    require(len(sources) > 60, f"{len(sources)} templates")

    def ask(folder):
        try:
            rows = load(folder)
        except Exception as error:
            return [last_cause(error)]
        written = [talk_of(json.loads(line.decode("utf-8-sig"))) for line in read(folder)]
        talks, fine, raised = [talk_of(row) for row in rows], [row["messages"] for row in good()], []
        for ours, talk in zip(written, talks, strict=True):
            if talk != ours:
                raised.append(f"{ours} reads as {talk}")
            elif not isinstance(talk, list):
                # A text needs no template.
                raised += [] if talk else ["KeyError: 'text'"]
            elif talk not in fine:
                raised += [fails(render_jinja_template, *source, talk) for source in sources]
        return [one for one in raised if one]

    def talk_of(row):
        return present(row.get("messages") or row.get("text") or row.get("completion"))

    def fails(render, path, source, talk):
        try:
            render(conversations=[ours.suited(path, talk)], chat_template=source, **ours.TOKENS)
        except Exception as error:
            return f"{path.name}: {type(error).__name__}: {error}"[:200]
        return None

    return ask


if __name__ == "__main__":
    main(sys.argv[1:])
