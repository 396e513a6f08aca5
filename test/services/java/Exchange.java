import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Conversions.DecimalConversion;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.HashingScheme;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.SubscriptionInitialPosition;
import org.apache.pulsar.client.api.schema.GenericRecord;
import org.apache.pulsar.client.impl.MessageIdImpl;
import org.apache.pulsar.client.impl.TopicMessageIdImpl;
import org.apache.pulsar.client.impl.schema.generic.GenericAvroRecord;
import org.apache.pulsar.common.schema.SchemaInfo;
import org.apache.pulsar.common.schema.SchemaType;

/** The official Java client, as test/services/peer.ts wants one: SERVICE_URL. Values look as in ../python/wire.py. */
public class Exchange {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final DecimalConversion DECIMALS = new DecimalConversion();
    private static PulsarClient client;

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        client = PulsarClient.builder().serviceUrl(args[0]).build();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            // Told apart from the log, which goes the same way.
            try {
                out.println("> " + answer(JSON.readTree(line)));
            } catch (Exception error) {
                error.printStackTrace();
                out.println("! " + JSON.writeValueAsString(error.toString()));
            }
        }
        client.close();
    }

    private static JsonNode answer(JsonNode asked) throws Exception {
        return switch (asked.get("command").asText()) {
            case "partitions" -> partitions(asked);
            case "write" -> write(asked);
            case "read" -> read(asked);
            default -> throw new IllegalArgumentException(asked.toString());
        };
    }

    private static JsonNode partitions(JsonNode asked) throws Exception {
        ArrayNode found = NODES.arrayNode();
        try (Producer<byte[]> producer = client.newProducer().topic(asked.get("topic").asText())
                .hashingScheme(HashingScheme.Murmur3_32Hash).create()) {
            for (JsonNode key : asked.get("keys")) {
                var id = producer.newMessage().key(key.asText()).value(new byte[0]).send();
                var inner = id instanceof TopicMessageIdImpl outer ? outer.getInnerMessageId() : id;
                found.add(((MessageIdImpl) inner).getPartitionIndex());
            }
        }
        return found;
    }

    /** With the schema that is registered, by which the client checks each payload. Payloads may be given as they are, too. */
    private static JsonNode write(JsonNode asked) throws Exception {
        try (Producer<byte[]> producer = client.newProducer(org.apache.pulsar.client.api.Schema.AUTO_PRODUCE_BYTES())
                .topic(asked.get("topic").asText()).hashingScheme(HashingScheme.Murmur3_32Hash).create()) {
            for (JsonNode message : asked.get("messages")) {
                byte[] payload = message.has("payload") ? Base64.getDecoder().decode(message.get("payload").asText())
                    : encode(asked, message.get("event"));
                producer.newMessage().key(message.get("key").asText()).value(payload).send();
            }
        }
        return NODES.nullNode();
    }

    private static byte[] encode(JsonNode asked, JsonNode event) throws Exception {
        if (asked.get("type").asText().equals("JSON")) return JSON.writeValueAsBytes(event);
        Schema schema = new Schema.Parser().parse(asked.get("definition").asText());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<>(schema).write(rich(schema, event), encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    /** With a definition; without, what AUTO_CONSUME makes of a message. */
    private static JsonNode read(JsonNode asked) throws Exception {
        ArrayNode found = NODES.arrayNode();
        org.apache.pulsar.client.api.Schema<GenericRecord> schema = asked.has("definition")
            ? org.apache.pulsar.client.api.Schema.generic(SchemaInfo.builder().name("given").properties(Map.of())
                .type(SchemaType.valueOf(asked.get("type").asText()))
                .schema(asked.get("definition").asText().getBytes(StandardCharsets.UTF_8)).build())
            : org.apache.pulsar.client.api.Schema.AUTO_CONSUME();
        try (Consumer<GenericRecord> consumer = client.newConsumer(schema).topic(asked.get("topic").asText())
                .subscriptionName(asked.get("subscription").asText())
                .subscriptionInitialPosition(SubscriptionInitialPosition.Earliest).subscribe()) {
            for (int left = asked.get("count").asInt(); left > 0; left--) {
                Message<GenericRecord> message = consumer.receive(60, TimeUnit.SECONDS);
                if (message == null) throw new IllegalStateException(left + " messages did not come");
                consumer.acknowledge(message);
                ObjectNode one = found.addObject().put("key", message.getKey()).put("eventTime", message.getEventTime());
                one.put("partition", ((MessageIdImpl) (message.getMessageId() instanceof TopicMessageIdImpl outer
                    ? outer.getInnerMessageId() : message.getMessageId())).getPartitionIndex());
                one.set("properties", JSON.valueToTree(message.getProperties()));
                one.set("event", valueOf(message));
            }
        }
        return found;
    }

    private static JsonNode valueOf(Message<GenericRecord> message) {
        GenericRecord record = message.getValue();
        if (record instanceof GenericAvroRecord avro) return plain(avro.getAvroRecord().getSchema(), avro.getAvroRecord());
        return record.getNativeObject() instanceof JsonNode json ? json
            : NODES.objectNode().put("$bytes", message.getData().length);
    }

    private static JsonNode plain(Schema schema, Object value) {
        switch (schema.getType()) {
            case UNION: {
                Schema branch = schema.getTypes().get(GenericData.get().resolveUnion(schema, value));
                JsonNode inner = plain(branch, value);
                return branch.getType() == Schema.Type.RECORD ? NODES.arrayNode().add(branch.getFullName()).add(inner) : inner;
            }
            case RECORD: {
                ObjectNode node = NODES.objectNode();
                for (Schema.Field field : schema.getFields())
                    node.set(field.name(), plain(field.schema(), ((GenericData.Record) value).get(field.pos())));
                return node;
            }
            case MAP: {
                ObjectNode node = NODES.objectNode();
                ((Map<?, ?>) value).forEach((key, one) -> node.set(key.toString(), plain(schema.getValueType(), one)));
                return node;
            }
            case ARRAY: {
                ArrayNode node = NODES.arrayNode();
                for (Object one : (Iterable<?>) value) node.add(plain(schema.getElementType(), one));
                return node;
            }
            case BYTES:
                return NODES.objectNode().put("$decimal",
                    DECIMALS.fromBytes((ByteBuffer) value, schema, schema.getLogicalType()).toPlainString());
            case LONG:
                if (schema.getLogicalType() instanceof LogicalTypes.TimestampMillis)
                    return NODES.objectNode().put("$millis", (Long) value);
                return NODES.numberNode((Long) value);
            case INT:
                return NODES.numberNode((Integer) value);
            case NULL:
                return NODES.nullNode();
            default:
                return NODES.textNode(value.toString());
        }
    }

    private static Object rich(Schema schema, JsonNode node) {
        switch (schema.getType()) {
            case UNION:
                for (Schema branch : schema.getTypes()) {
                    if (node.isArray() && branch.getFullName().equals(node.get(0).asText())) return rich(branch, node.get(1));
                    if (!node.isArray() && node.isNull() == (branch.getType() == Schema.Type.NULL)) return rich(branch, node);
                }
                throw new IllegalArgumentException(node.toString());
            case RECORD: {
                GenericData.Record record = new GenericData.Record(schema);
                for (Schema.Field field : schema.getFields())
                    record.put(field.pos(), rich(field.schema(), node.get(field.name())));
                return record;
            }
            case MAP: {
                Map<String, Object> map = new HashMap<>();
                node.fields().forEachRemaining(one -> map.put(one.getKey(), rich(schema.getValueType(), one.getValue())));
                return map;
            }
            case ARRAY: {
                GenericData.Array<Object> array = new GenericData.Array<>(node.size(), schema);
                node.forEach(one -> array.add(rich(schema.getElementType(), one)));
                return array;
            }
            case BYTES:
                return DECIMALS.toBytes(new BigDecimal(node.get("$decimal").asText()), schema, schema.getLogicalType());
            case ENUM:
                return new GenericData.EnumSymbol(schema, node.asText());
            case LONG:
                return node.has("$millis") ? node.get("$millis").asLong() : node.asLong();
            case INT:
                return node.asInt();
            case NULL:
                return null;
            default:
                return node.asText();
        }
    }
}
