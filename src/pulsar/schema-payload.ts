/** What is registered for a topic: the definition is an Avro record as text, for JSON too. */
export interface SchemaPayload {
  readonly type: "AVRO" | "JSON";
  readonly definition: string;
}
