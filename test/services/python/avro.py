"""Reads payloads with fastavro, writes again what it has read, and prints it: AVSC FROM TO."""

import io
import json
import sys

import fastavro
from wire import plain, read_payloads, rich, write_payloads

avsc, source, target = sys.argv[1:]
schema = fastavro.parse_schema(json.load(open(avsc)))
again = []
for payload in read_payloads(source):
    stream = io.BytesIO(payload)
    record = fastavro.schemaless_reader(stream, schema, None, return_record_name=True)
    assert not stream.read(), "bytes are left over"
    print(json.dumps(plain(record)))
    stream = io.BytesIO()
    # By way of JSON, so that the values that are printed are those that are written.
    fastavro.schemaless_writer(stream, schema, rich(json.loads(json.dumps(plain(record)))))
    again.append(stream.getvalue())
write_payloads(target, again)
