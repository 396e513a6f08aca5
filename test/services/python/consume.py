"""Consumes and acknowledges all there is, and prints the property `number` of each: SERVICE_URL TOPIC SUBSCRIPTION.

With --hold it says so and stays connected until its input ends."""

import sys

import pulsar

service_url, topic, subscription = sys.argv[1:4]
client = pulsar.Client(service_url, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
consumer = client.subscribe(
    topic, subscription, consumer_type=pulsar.ConsumerType.KeyShared, consumer_name='packing "table" 1'
)
try:
    while True:
        message = consumer.receive(1500)
        consumer.acknowledge(message)
        print(message.properties().get("number", ""), flush=True)
except pulsar.Timeout:
    pass
if "--hold" in sys.argv:
    print("holding", flush=True)
    sys.stdin.read()
client.close()
