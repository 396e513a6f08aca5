"""Schemas that present the registered definition exactly, as the official client can have them."""

import json

import pulsar
from pulsar.schema import AvroSchema, BytesSchema


class Registered(BytesSchema):
    """Leaves the payload alone."""

    def __init__(self, kind, definition):
        super().__init__()
        own = getattr(pulsar._pulsar.SchemaType, kind)
        self._schema_info = pulsar._pulsar.SchemaInfo(own, kind, json.dumps(definition))


class RegisteredJson(Registered):
    """The client's JsonSchema wants a class of its own making; this is what it does with one."""

    def encode(self, value):
        return json.dumps(value).encode()

    def decode(self, data):
        return json.loads(data)


def registered_schema(kind, definition):
    if kind == "AVRO":
        return AvroSchema(None, schema_definition=definition)
    return RegisteredJson(kind, definition)
