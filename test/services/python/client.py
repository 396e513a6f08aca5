"""Sends payloads as they are, reads them with the client's own schema, sends what it has read with that schema, and
keeps the bytes that then arrive: SERVICE_URL TOPIC AVRO|JSON AVSC FROM TO. Prints what was read."""

import json
import sys

import pulsar
from registered import Registered, registered_schema
from wire import plain, read_payloads, write_payloads

service_url, topic, encoding, avsc, source, target = sys.argv[1:]
definition = json.load(open(avsc))
client = pulsar.Client(service_url, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
own = registered_schema(encoding, definition)


def receive(consumer, count):
    for _ in range(count):
        message = consumer.receive(20000)
        consumer.acknowledge(message)
        yield message


payloads = list(read_payloads(source))
reader = client.subscribe(topic, "reader", schema=own)
raw = client.subscribe(topic, "raw")
producer = client.create_producer(topic, schema=Registered(encoding, definition))
for payload in payloads:
    producer.send(payload)
values = [message.value() for message in receive(reader, len(payloads))]
assert [message.data() for message in receive(raw, len(payloads))] == payloads
for value in values:
    print(json.dumps(plain(value)))

producer = client.create_producer(topic, schema=own)
for value in values:
    if encoding == "AVRO":
        # Reading hides the branch, which is what type and version are in the envelope for.
        branch = f"{definition['namespace']}.{value['type']}V{value['version']}"
        value = {**value, "data": (branch, value["data"])}
    producer.send(value)
write_payloads(target, (message.data() for message in receive(raw, len(payloads))))
client.close()
