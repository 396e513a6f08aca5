"""The official Python client, as test/services/peer.ts wants one: SERVICE_URL. Values look as in wire.py."""

import json
import sys

import pulsar
from registered import registered_schema
from wire import plain, rich


def murmur3(data):
    """Pulsar's Murmur3_32Hash, which this client has no option for."""
    mask = 0xFFFFFFFF

    def scramble(block):
        block = block * 0xCC9E2D51 & mask
        return (block << 15 | block >> 17) * 0x1B873593 & mask

    state = 0
    end = len(data) & ~3
    for at in range(0, end, 4):
        state ^= scramble(int.from_bytes(data[at : at + 4], "little"))
        state = (state << 13 | state >> 19) & mask
        state = (state * 5 + 0xE6546B64) & mask
    state ^= scramble(int.from_bytes(data[end:], "little")) ^ len(data)
    state = (state ^ state >> 16) * 0x85EBCA6B & mask
    state = (state ^ state >> 13) * 0xC2B2AE35 & mask
    return (state ^ state >> 16) & 0x7FFFFFFF


def open_producer(topic, **more):
    return client.create_producer(
        topic,
        message_routing_mode=pulsar.PartitionsRoutingMode.CustomPartition,
        message_router=lambda message, count: murmur3(message.partition_key().encode()) % count,
        **more,
    )


def partitions(topic, keys):
    producer = open_producer(topic)
    return [producer.send(b"", partition_key=key).partition() for key in keys]


def write(topic, type, definition, messages):
    producer = open_producer(topic, schema=registered_schema(type, json.loads(definition)))
    for message in messages:
        event = rich(message["event"]) if type == "AVRO" else message["event"]
        producer.send(event, partition_key=message["key"])


def read(topic, subscription, type, definition, count):
    schema = registered_schema(type, json.loads(definition))
    consumer = client.subscribe(topic, subscription, schema=schema, initial_position=pulsar.InitialPosition.Earliest)
    for _ in range(count):
        message = consumer.receive(60000)
        consumer.acknowledge(message)
        yield {
            "key": message.partition_key(),
            "eventTime": message.event_timestamp(),
            "partition": message.message_id().partition(),
            "properties": message.properties(),
            "event": plain(message.value()),
        }


client = pulsar.Client(sys.argv[1], logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
commands = {"partitions": partitions, "write": write, "read": lambda **asked: list(read(**asked))}
for line in sys.stdin:
    asked = json.loads(line)
    try:
        print("> " + json.dumps(commands[asked.pop("command")](**asked)), flush=True)
    except Exception as error:
        print("! " + json.dumps(repr(error)), flush=True)
client.close()
