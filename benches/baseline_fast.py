"""The fast script: orjson and pyarrow, one process a core, each writing its own shard.

    baseline_fast.py INPUT OUT
"""

import gc
import multiprocessing
import os
import sys

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from baseline_common import exchanges, input_and_output, input_files

ROWS_PER_BATCH = 20_000
MESSAGE = pa.struct([("role", pa.string()), ("content", pa.string())])
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("session_id", pa.string()),
        ("started_at", pa.timestamp("ms", tz="UTC")),
        ("begin", pa.int64()),
        ("messages", pa.list_(MESSAGE)),
    ]
)
# Columns that repeat. A dictionary over texts that never do costs time and saves nothing.
DICTIONARY = ["session_id", "messages.list.element.role"]


def calls_of_files(paths):
    for path in paths:
        with open(path, "rb", buffering=0) as file:
            yield orjson.loads(file.read())


def calls_of_range(path, start, end):
    """The lines that begin in start..end of a JSONL file."""
    with open(path, "rb", buffering=1 << 20) as file:
        if start:
            # From one byte earlier, so that a line beginning exactly at `start` is not skipped.
            file.seek(start - 1)
            start += len(file.readline()) - 1
        for line in file:
            if start >= end:
                break
            start += len(line)
            yield orjson.loads(line)


def record_batch(rows):
    """Builds the nested column from flat ones: no Python object a message."""
    ids, sessions, started, begins, users, agents = zip(*rows)
    contents = [None] * (2 * len(rows))
    contents[0::2], contents[1::2] = users, agents
    roles = pa.array(["user", "assistant"] * len(rows), pa.string())
    pairs = pa.StructArray.from_arrays([roles, pa.array(contents, pa.string())], fields=list(MESSAGE))
    offsets = pa.array(range(0, 2 * len(rows) + 1, 2), pa.int32())
    columns = [
        pa.array(ids, pa.string()),
        pa.array(sessions, pa.string()),
        pa.array(started, pa.int64()).cast(SCHEMA.field("started_at").type),
        pa.array(begins, pa.int64()),
        pa.ListArray.from_arrays(offsets, pairs, type=SCHEMA.field("messages").type),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def chat_lines(rows):
    # Only the texts need a JSON writer; the rest of a line never changes.
    line = b'{"messages":[{"role":"user","content":%b},{"role":"assistant","content":%b}]}\n'
    dumps = orjson.dumps
    return b"".join([line % (dumps(row[4]), dumps(row[5])) for row in rows])


def write_shard(calls, stem):
    # Parsed calls hold no cycles: reference counts free them, and a collector would only walk them.
    gc.disable()
    parquet = pq.ParquetWriter(
        stem + ".parquet",
        SCHEMA,
        compression="zstd",
        compression_level=1,
        use_dictionary=DICTIONARY,
        write_statistics=False,
    )
    with parquet, open(stem + ".jsonl", "wb", buffering=0) as chat:
        rows = []
        for call in calls:
            rows += exchanges(call)
            if len(rows) >= ROWS_PER_BATCH:
                parquet.write_batch(record_batch(rows))
                chat.write(chat_lines(rows))
                rows = []
        if rows:
            parquet.write_batch(record_batch(rows))
            chat.write(chat_lines(rows))


def work(kind, arguments, stem):
    write_shard(kind(*arguments), stem)


def main():
    source, output = input_and_output(__doc__)
    workers = os.cpu_count() or 1
    if os.path.isdir(source):
        paths = input_files(source)
        cut = [len(paths) * n // workers for n in range(workers + 1)]
        parts = [(calls_of_files, (paths[a:b],)) for a, b in zip(cut, cut[1:])]
    else:
        size = os.path.getsize(source)
        cut = [size * n // workers for n in range(workers + 1)]
        parts = [(calls_of_range, (source, a, b)) for a, b in zip(cut, cut[1:])]
    stems = [os.path.join(output, f"train-{n:05}-of-{workers:05}") for n in range(workers)]

    # fork spares each worker the import of pyarrow, but is only sound on Linux.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    with context.Pool(workers) as pool:
        pool.starmap(work, [(*part, stem) for part, stem in zip(parts, stems)], chunksize=1)
        # Leave politely, so that the workers' CPU time is counted to this process.
        pool.close()
        pool.join()


if __name__ == "__main__":
    main()
