"""Holds call logs, chat files, manifests and recipes to the JSON Schemas that turnset publishes.

Usage: python contracts.py SCHEMAS_DIR CALLS_DIR OUT...
"""

from checks import check, require

import copy
import json
import pathlib
import sys

from datasets import load_dataset
from jsonschema import Draft202012Validator

# Formats that have the shape of another one.
SAME_SHAPE = {"axolotl": "openai", "mistral": "openai", "together": "openai"}
# Files in CALLS_DIR that are wrong on purpose.
WRONG = ("not_json", "invalid_", "truncated")


def main(args):
    if len(args) < 3:
        sys.exit("usage: contracts.py SCHEMAS_DIR CALLS_DIR OUT...")
    folder, calls, *outs = map(pathlib.Path, args)
    with check("schemas"):
        schemas = open_schemas(folder)
    with check("call logs"):
        good = call_logs(calls)
        for at, call in good:
            accepts(schemas["call-log"], call, at)
    with check("a call log without dialog is refused"):
        refuses(schemas["call-log"], good[0][1], lambda call: call.pop("dialog"))
    for out in outs:
        print(f"# {out}")
        output(schemas, out / "dataset")


def output(schemas, dataset):
    lines = {}
    for folder in sorted(path for path in (dataset / "chat").iterdir() if path.is_dir()):
        name = folder.name
        with check(f"chat/{name}"):
            files = sorted(folder.glob("*.jsonl"))
            lines[name] = [(path, line) for path in files for line in path.read_bytes().split(b"\n")[:-1]]
            require(lines[name], "no line to check")
            for path, line in lines[name]:
                accepts(schemas[f"chat-{SAME_SHAPE.get(name, name)}"], json.loads(line), path)
            loaded = load_dataset("json", data_files=[str(path) for path in files], split="train")
            require(loaded.num_rows == len(lines[name]), f"{loaded.num_rows} rows loaded of {len(lines[name])}")
        with check(f"a line of chat/{name} with an extra key is refused"):
            refuses(schemas[f"chat-{SAME_SHAPE.get(name, name)}"], json.loads(lines[name][0][1]), add_a_key)
    lines = lines["openai"]
    with check("a weight on the user is refused"):
        refuses(schemas["chat-openai"], json.loads(lines[0][1]), weigh_the_user)
    with check("manifest"):
        manifest = json.loads((dataset / "manifest.json").read_text(encoding="utf-8"))
        accepts(schemas["manifest"], manifest, "manifest.json")
    with check("a manifest without content_digest is refused"):
        refuses(schemas["manifest"], manifest, lambda bad: bad.pop("content_digest"))
    with check("recipe"):
        accepts(schemas["recipe"], manifest["recipe"], "the recipe in manifest.json")
    with check("an unknown recipe key is refused"):
        refuses(schemas["recipe"], manifest["recipe"], lambda recipe: recipe.update(no_such_key=1))


def open_schemas(folder):
    """Returns a validator for each `<name>.schema.json`, by name."""
    found = {}
    for path in sorted(folder.glob("*.schema.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        # Another draft would be checked by rules that its readers do not use.
        draft = schema.get("$schema")
        require(draft == Draft202012Validator.META_SCHEMA["$id"], f"{path.name} is of the draft {draft}")
        Draft202012Validator.check_schema(schema)
        found[path.name[: -len(".schema.json")]] = Draft202012Validator(schema)
    missing = {"call-log", "chat-openai", "manifest", "recipe"} - set(found)
    require(not missing, f"no schema for {sorted(missing)}")
    return found


def call_logs(folder):
    """Returns each call log that is meant to be right, with where it is from."""
    found = []
    for path in sorted(folder.rglob("*.json")):
        if path.name.startswith(WRONG):
            continue
        try:
            content = json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=not_json)
        except ValueError as error:
            # Said aloud, so that a fixture does not go unchecked because of a slip in it.
            print(f"# left out, not JSON: {path.name}: {error}")
            continue
        calls = content if isinstance(content, list) else [content]
        found += [(f"{path.name}, call {number}", call) for number, call in enumerate(calls, 1)]
    require(found, f"no call log in {folder}")
    return found


def not_json(constant):
    raise ValueError(f"{constant} is Python's, not JSON's")


def add_a_key(line):
    line["text"] = "no format has this key"


def weigh_the_user(line):
    user = next(message for message in line["messages"] if message["role"] == "user")
    user["weight"] = 1


def accepts(schema, instance, at):
    error = next(schema.iter_errors(instance), None)
    require(error is None, error and f"{at}: {error.json_path}: {error.message}")


def refuses(schema, good, spoil):
    # Spoils what was just accepted, so that nothing else can be the cause.
    bad = copy.deepcopy(good)
    spoil(bad)
    require(not schema.is_valid(bad), "the schema accepts it")


if __name__ == "__main__":
    main(sys.argv[1:])
