"""Opens an output of turnset with the field's own readers and holds it to its contract.

Usage: python readers.py OUT...

OUT is what `turnset build` published: it holds `dataset/` and `audit/`.
"""

from checks import check, require  # first: sets what `datasets` reads when it is imported

import collections
import hashlib
import json
import pathlib
import re
import sys

import datasets
import duckdb
import pandas
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

SPLITS = ("train", "validation", "test")

# Spelled as `spelling` below does. `string` and `list` exactly: their large and view
# kinds cannot be concatenated with other chat datasets, or not be opened at all.
SCHEMA = {
    "id": "string",
    "session_id": "string",
    "user": "string",
    "started_at": "timestamp[ms, tz=UTC]",
    "begin": "double",
    "exchanges": "int32",
    "messages": "list<struct<role: string, content: string>>",
    "weights": "list<int8>",
    "merged": "int32",
    "interrupted": "bool",
    "utterance_ids": "list<int64>",
    "characters": "int32",
    "words": "int32",
    "tokens": "int32",
    "language": "string",
    "source": "string",
}
NULLABLE = {"user", "started_at", "begin", "language"}

LEDGER = """
    unit session_id utterance_id position begin role type label fate stage reason detail text sample_id source set_aside
""".split()
FATES = ("kept", "merged", "dropped", "quarantined")
BOOKS = {"documents": "document", "utterances": "utterance", "samples": "sample"}

# What `datasets` calls a good row group (its MAX_ROW_GROUP_SIZE), before compression.
MAX_ROW_GROUP = 100_000_000


def main(outs):
    if not outs:
        sys.exit("usage: readers.py OUT...")
    for out in map(pathlib.Path, outs):
        print(f"# {out}")
        read(out)


def read(out):
    dataset = out / "dataset"

    with check("layout"):
        shards = layout(dataset)
    with check("no empty split"):
        rows = {split: samples_of(paths) for split, paths in shards.items()}
    with check("shapes"):
        for row in every(rows):
            shape(row)
    with check("ids are unique"):
        twice = [key for key, n in collections.Counter(row["id"] for row in every(rows)).items() if n > 1]
        require(not twice, f"ids on more than one row: {twice[:3]}")
    with check("no user in two splits"):
        nobody_in_two_splits(rows)

    with check("parquet schema"):
        for path in flat(shards):
            schema(path)
    with check("parquet file"):
        for path in flat(shards):
            physical(path)

    with check("datasets.load_dataset"):
        loaded = datasets.load_dataset(str(dataset))
        same_rows({split: list(loaded[split]) for split in loaded}, rows)
    with check("datasets streaming"):
        streamed = datasets.load_dataset(str(dataset), streaming=True)
        same_rows({split: list(streamed[split]) for split in streamed}, rows)
    with check("concatenates with an ordinary chat dataset"):
        for split in loaded.values():
            concatenates(split)
    with check("pandas, polars and duckdb agree"):
        other_readers(dataset / "data", rows)

    with check("manifest opens"):
        manifest = json.loads((dataset / "manifest.json").read_text(encoding="utf-8"))
    with check("card"):
        card(dataset, manifest, loaded)
    with check("chat/openai"):
        chat(dataset / "chat" / "openai", rows)

    with check("ledger opens"):
        ledger = open_ledger(out / "audit" / "ledger.parquet")
    with check("books"):
        books(manifest, ledger, rows)
    # Last: a file that went wrong is better named by what is wrong with it.
    with check("manifest's digests"):
        digests(manifest, dataset, shards)


def every(rows):
    return [row for split in rows.values() for row in split]


def flat(shards):
    return [path for paths in shards.values() for path in paths]


def layout(dataset):
    """Returns the Parquet files of each split, having looked for what stops `datasets` from opening a folder."""
    traps = [path for path in dataset.rglob("*") if path.name == "state.json"]
    require(not traps, f"state.json makes datasets take the folder for one of save_to_disk: {traps}")
    shards = {}
    for path in sorted((dataset / "data").iterdir()):
        name = re.fullmatch(r"(\w+)-(\d{5})-of-(\d{5})\.parquet", path.name)
        require(name and name[1] in SPLITS, f"data/{path.name} is not a Parquet file of a split")
        shards.setdefault(name[1], []).append(path)
        require(int(name[2]) < int(name[3]), f"data/{path.name} counts past its own end")
    require(shards, "data/ is empty")
    for split, paths in shards.items():
        require(int(paths[0].stem[-5:]) == len(paths), f"{split} lacks a shard or has one too many: {paths}")
    return shards


def samples_of(paths):
    for path in paths:
        require(pq.read_metadata(path).num_rows, f"{path.name} has no rows")
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def shape(row):
    """The one shape that every trainer takes: user first, assistant last, taking turns, nothing blank."""
    at = f"sample {row['id']}: "
    roles = [message["role"] for message in row["messages"]]
    spoken = roles[1:] if roles[:1] == ["system"] else roles
    require(spoken and len(spoken) % 2 == 0, at + f"not whole exchanges: {roles}")
    require(spoken == ["user", "assistant"] * (len(spoken) // 2), at + f"not user first and then in turns: {roles}")
    require(row["exchanges"] == len(spoken) // 2, at + f"{row['exchanges']} exchanges, but {roles}")
    require(all((message["content"] or "").strip() for message in row["messages"]), at + "a blank message")
    weights = row["weights"]
    require(len(weights) == len(roles), at + f"{len(weights)} weights for {len(roles)} messages")
    require(set(weights) <= {0, 1}, at + f"weights other than 0 and 1: {weights}")
    require(any(weights), at + "nothing to learn from: no weight is 1")
    others = [role for role, weight in zip(roles, weights) if weight and role != "assistant"]
    require(not others, at + f"a weight on {others}")
    require(row["utterance_ids"], at + "comes from no utterance")
    characters = sum(not blank(c) for message in row["messages"] for c in message["content"])
    require(row["characters"] == characters, at + f"{row['characters']} characters, counted {characters}")
    require(0 < row["words"] <= characters, at + f"{row['words']} words of {characters} characters")
    require(row["tokens"] > 0, at + f"{row['tokens']} tokens")


def blank(c):
    # Python also takes the separators of files and records for blanks, Unicode does not.
    return c.isspace() and c not in "\x1c\x1d\x1e\x1f"


def nobody_in_two_splits(rows):
    # A caller who is not known can still be kept from leaking as far as one call goes.
    seen = {}
    for split, samples in rows.items():
        for row in samples:
            who = ("session", row["session_id"]) if row["user"] is None else ("user", row["user"])
            first = seen.setdefault(who, split)
            require(first == split, f"{who[0]} {who[1]} is in {first} and in {split}")


def spelling(kind):
    """A type without the names and nullability of its insides, which readers do not care about."""
    if pa.types.is_list(kind):
        return f"list<{spelling(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return "struct<" + ", ".join(f"{field.name}: {spelling(field.type)}" for field in kind) + ">"
    return str(kind)


def schema(path):
    found = pq.read_schema(path)
    spelled = {field.name: spelling(field.type) for field in found}
    require(list(spelled) == list(SCHEMA), f"{path.name}: columns are {list(spelled)}")
    other = {name: kind for name, kind in spelled.items() if kind != SCHEMA[name]}
    require(not other, f"{path.name}: types are {other}")
    # Its modern form stops datasets 2 and 3; without it every release infers the same features.
    require(b"huggingface" not in (found.metadata or {}), f"{path.name} carries huggingface metadata")
    table = pq.read_table(path)
    for name in SCHEMA:
        column = table.column(name)
        require(name in NULLABLE or column.null_count == 0, f"{path.name}: {name} has nulls")


def physical(path):
    footer = pq.read_metadata(path)
    writer = footer.created_by
    require(writer.startswith("turnset"), f"{path.name}: created by {writer}")
    require(not re.search("arrow|parquet", writer, re.I), f"{path.name}: created by a dependency, {writer}")
    for key, value in (footer.metadata or {}).items():
        require(not re.search(rb"parquet-rs|arrow-rs", value), f"{path.name}: {key} names a dependency")
    for g in range(footer.num_row_groups):
        group = footer.row_group(g)
        require(group.total_byte_size <= MAX_ROW_GROUP, f"{path.name}: row group {g} has {group.total_byte_size} bytes")
        for c in range(group.num_columns):
            chunk = group.column(c)
            at = f"{path.name}: {chunk.path_in_schema} of row group {g} "
            require(chunk.compression == "ZSTD", at + f"is {chunk.compression}")
            require(chunk.has_offset_index, at + "lacks an offset index")
            # Nobody looks for a row by the least and greatest text of a page.
            by_value = not chunk.path_in_schema.startswith("messages.")
            require(chunk.has_column_index or not by_value, at + "lacks a column index")


def same_rows(found, rows):
    require(set(found) == set(rows), f"splits {sorted(found)}, but data/ has {sorted(rows)}")
    for split, samples in rows.items():
        require(len(found[split]) == len(samples), f"{split}: {len(found[split])} rows of {len(samples)}")
        for ours, theirs in zip(samples, found[split]):
            require(ours == theirs, f"{split}: {ours['id']} reads as {theirs}")


def concatenates(split):
    talk = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}]
    ordinary = datasets.Dataset.from_list([{"messages": talk}])
    both = datasets.concatenate_datasets([split.select_columns(["messages"]), ordinary])
    require(len(both) == len(split) + 1, f"{len(both)} rows of {len(split) + 1}")
    require(both[0]["messages"] == split[0]["messages"], "our first row changed")
    require(both[-1]["messages"] == talk, "their row changed")


def other_readers(data, rows):
    glob = str(data / "*.parquet")
    everything = duckdb.sql("select id, messages from read_parquet($glob)", params={"glob": glob}).fetchall()
    found = {
        "pandas": pandas.read_parquet(data)[["id", "messages"]].values.tolist(),
        "polars, the folder": polars.read_parquet(data).select("id", "messages").rows(),
        "polars, a glob": polars.read_parquet(glob).select("id", "messages").rows(),
        "duckdb": everything,
    }
    ours = {row["id"]: row["messages"] for row in every(rows)}
    for reader, pairs in found.items():
        require(len(pairs) == len(ours), f"{reader} counts {len(pairs)} rows of {len(ours)}")
        theirs = {key: [dict(message) for message in messages] for key, messages in pairs}
        require(theirs == ours, f"{reader} reads other ids or messages")


def digests(manifest, dataset, shards):
    files = {entry["path"]: entry for entry in manifest["files"]}
    missing = [path.name for path in flat(shards) if f"data/{path.name}" not in files]
    require(not missing, f"the manifest does not list {missing}")
    for name, entry in files.items():
        content = (dataset / name).read_bytes()
        require(len(content) == entry["bytes"], f"{name} has {len(content)} bytes, not {entry['bytes']}")
        require(hashlib.sha256(content).hexdigest() == entry["sha256"], f"{name} has another sha256")


def card(dataset, manifest, loaded):
    front = re.match(r"---\n(.*?)\n---\n", (dataset / "README.md").read_text(encoding="utf-8"), re.S)
    require(front, "README.md has no front matter")
    told = yaml.safe_load(front[1])
    (config,) = told["configs"]
    require(config["config_name"] == "default", f"the only config is {config['config_name']}")
    globs = {entry["split"]: entry["path"] for entry in config["data_files"]}
    require(globs == {split: f"data/{split}-*.parquet" for split in loaded}, f"data_files are {globs}")
    require(isinstance(told["license"], str), f"license is {told['license']}")
    languages = told.get("language", [])
    # A bare `no` is not Norwegian in YAML.
    require(all(isinstance(language, str) for language in languages), f"languages are {languages}")
    info = told["dataset_info"]
    features = datasets.Features._from_yaml_list(info["features"])
    # Without num_bytes, `datasets` does not read the counts.
    splits = {entry["name"]: entry["num_examples"] for entry in info["splits"] if entry["num_bytes"] > 0}
    require(splits == {split: len(samples) for split, samples in loaded.items()}, f"splits are {splits}")
    for split, samples in loaded.items():
        table = pq.read_schema(min((dataset / "data").glob(f"{split}-*")))
        found = datasets.Features.from_arrow_schema(table)
        require(features == found == samples.features, f"{split}: features are {features}, in the file {found}")
    # `datasets` makes its cache key of this: without the digest a rebuilt dataset loads as the old one.
    digest = manifest["content_digest"]
    for split, samples in loaded.items():
        require(digest in samples.info.description, f"{split}: the description lacks the content digest {digest}")


def chat(folder, rows):
    files = {path.stem for path in folder.glob("*.jsonl")}
    require(files == set(rows), f"files for {sorted(files)}, splits {sorted(rows)}")
    for split, samples in rows.items():
        content = (folder / f"{split}.jsonl").read_bytes()
        require(b"\r" not in content, f"{split}: a line ends in CR LF")
        require(not content.startswith(b"\xef\xbb\xbf"), f"{split}: starts with a byte order mark")
        require(content.endswith(b"\n"), f"{split}: the last line has no end")
        # Not splitlines(), which also cuts at U+2028 inside a text.
        lines = content[:-1].split(b"\n")
        require(len(lines) == len(samples), f"{split}: {len(lines)} lines for {len(samples)} samples")
        for number, (line, row) in enumerate(zip(lines, samples), 1):
            wanted = [
                {**message, "weight": weight} if message["role"] == "assistant" else message
                for message, weight in zip(row["messages"], row["weights"])
            ]
            found = json.loads(line)
            require(found == {"messages": wanted}, f"{split}, line {number} is not sample {row['id']}: {found}")
            # In Python 1 == True == 1.0, but not for those who check an upload.
            weights = [message["weight"] for message in found["messages"] if "weight" in message]
            require(all(type(weight) is int for weight in weights), f"{split}, line {number}: weights {weights}")


def open_ledger(path):
    ledger = polars.read_parquet(path)
    require(ledger.columns == LEDGER, f"columns are {ledger.columns}")
    again = pandas.read_parquet(path)
    require(list(again.columns) == LEDGER, f"pandas sees the columns {list(again.columns)}")
    require(len(again) == ledger.height, f"pandas counts {len(again)} rows, polars {ledger.height}")
    require(set(ledger["unit"]) <= set(BOOKS.values()), f"units are {set(ledger['unit'])}")
    require(set(ledger["fate"]) <= set(FATES), f"fates are {set(ledger['fate'])}")
    return ledger.to_dicts()


def books(manifest, ledger, rows):
    counted = {name: dict.fromkeys(FATES, 0) for name in BOOKS}
    for name, unit in BOOKS.items():
        counted[name].update(collections.Counter(entry["fate"] for entry in ledger if entry["unit"] == unit))
    # The ledger tells of the samples that are not in the data; the data tells of the others.
    require(counted["samples"]["kept"] == 0, "the ledger has a row for a sample that was kept")
    counted["samples"]["kept"] = len(every(rows))
    for name, fates in counted.items():
        fates["entered"] = sum(fates.values())
        booked = {key: count for key, count in manifest["books"][name].items() if key != "reasons"}
        require(booked == fates, f"{name} are {booked}, counted {fates}")
        turned_away = fates["dropped"] + fates["quarantined"]
        require(sum(manifest["books"][name]["reasons"].values()) == turned_away, f"{name}: reasons for {turned_away}")

    splits = {split: entry["samples"] for split, entry in manifest["splits"].items()}
    require(splits == {split: len(samples) for split, samples in rows.items()}, f"splits are {splits}")

    made_of = collections.defaultdict(list)
    for entry in ledger:
        if entry["unit"] == "utterance" and entry["fate"] in ("kept", "merged"):
            made_of[entry["sample_id"]].append(entry["utterance_id"])
    for row in every(rows):
        # What is context here is booked under the sample in which it is learned.
        strange = collections.Counter(made_of[row["id"]]) - collections.Counter(row["utterance_ids"])
        require(made_of[row["id"]] and not strange, f"sample {row['id']}: by the ledger it also holds {strange}")


if __name__ == "__main__":
    main(sys.argv[1:])
