"""Produces events in two halves, and prints a time between them: SERVICE_URL TOPIC AVSC COUNT."""

import datetime
import io
import json
import sys
import time

import fastavro
import pulsar
from registered import Registered

service_url, topic, avsc, count = sys.argv[1:]
definition = json.load(open(avsc))
schema = fastavro.parse_schema(definition)

client = pulsar.Client(service_url, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
producer = client.create_producer(topic, schema=Registered("AVRO", definition), batching_enabled=False)
for number in range(int(count)):
    if number == int(count) // 2:
        # Publish times are whole milliseconds.
        time.sleep(0.05)
        now = datetime.datetime.now(datetime.timezone.utc)
        print(now.isoformat(timespec="milliseconds").replace("+00:00", "Z"), flush=True)
        time.sleep(0.05)
    event = {
        "id": f"00000000-0000-7000-8000-{number:012d}",
        "type": "OrderCancelled",
        "version": 1,
        "aggregateId": f"order-{number}",
        "sequence": number + 1,
        "time": datetime.datetime(2026, 1, 5, tzinfo=datetime.timezone.utc),
        "metadata": {},
        "data": (f"{definition['namespace']}.OrderCancelledV1", {"reason": "stock"}),
    }
    payload = io.BytesIO()
    fastavro.schemaless_writer(payload, schema, event)
    producer.send(payload.getvalue(), partition_key=event["aggregateId"], properties={"number": str(number)})
client.close()
