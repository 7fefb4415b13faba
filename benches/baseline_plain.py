"""The script one would write by hand: json and pyarrow in one process.

    baseline_plain.py INPUT OUT
"""

import json
import os

import pyarrow as pa
import pyarrow.parquet as pq
from baseline_common import exchanges, input_and_output, input_files

ROWS_PER_BATCH = 20_000
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("session_id", pa.string()),
        ("started_at", pa.timestamp("ms", tz="UTC")),
        ("begin", pa.int64()),
        ("messages", pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))),
    ]
)


def calls(source):
    if os.path.isdir(source):
        for path in input_files(source):
            with open(path, encoding="utf-8") as file:
                yield json.load(file)
    else:
        with open(source, encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)


def rows(source):
    for call in calls(source):
        for id_, session, started, begin, user, agent in exchanges(call):
            messages = [{"role": "user", "content": user}, {"role": "assistant", "content": agent}]
            yield {"id": id_, "session_id": session, "started_at": started, "begin": begin, "messages": messages}


def main():
    source, output = input_and_output(__doc__)
    batch = []
    with pq.ParquetWriter(os.path.join(output, "train.parquet"), SCHEMA, compression="zstd") as parquet, open(
        os.path.join(output, "train.jsonl"), "w", encoding="utf-8"
    ) as chat:
        for row in rows(source):
            chat.write(json.dumps({"messages": row["messages"]}, ensure_ascii=False) + "\n")
            batch.append(row)
            if len(batch) == ROWS_PER_BATCH:
                parquet.write_table(pa.Table.from_pylist(batch, SCHEMA))
                batch = []
        if batch:
            parquet.write_table(pa.Table.from_pylist(batch, SCHEMA))


if __name__ == "__main__":
    main()
