"""Values as JSON, and payloads in a file.

In JSON a decimal is {"$decimal": text}, bytes are {"$bytes": hex}, a time is {"$millis": number}, a date {"$date": text}, and
a member of a union of records is [name, record]. In a file each payload follows its length (4 bytes, big endian)."""

import datetime
import decimal
import struct
import uuid

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def plain(value):
    match value:
        case decimal.Decimal():
            return {"$decimal": format(value, "f")}
        case bytes():
            return {"$bytes": value.hex()}
        case datetime.datetime():
            return {"$millis": (value - EPOCH) // datetime.timedelta(milliseconds=1)}
        case datetime.date():
            return {"$date": value.isoformat()}
        case uuid.UUID():
            return str(value)
        case tuple():
            return [value[0], plain(value[1])]
        case list():
            return [plain(one) for one in value]
        case dict():
            return {key: plain(one) for key, one in value.items()}
    return value


def rich(value):
    match value:
        case {"$decimal": text}:
            return decimal.Decimal(text)
        case {"$bytes": text}:
            return bytes.fromhex(text)
        case {"$millis": number}:
            return EPOCH + datetime.timedelta(milliseconds=number)
        case {"$date": text}:
            return datetime.date.fromisoformat(text)
        case [str() as name, dict() as record]:
            return (name, rich(record))
        case list():
            return [rich(one) for one in value]
        case dict():
            return {key: rich(one) for key, one in value.items()}
    return value


def read_payloads(file):
    with open(file, "rb") as source:
        while length := source.read(4):
            yield source.read(struct.unpack(">I", length)[0])


def write_payloads(file, payloads):
    with open(file, "wb") as target:
        for payload in payloads:
            target.write(struct.pack(">I", len(payload)) + payload)
