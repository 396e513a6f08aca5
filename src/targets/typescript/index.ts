import type { GeneratedFile, Target } from "../target.js";
import { aggregateFileOf } from "./aggregate-file.js";
import { consumerFileOf } from "./consumer-file.js";
import { eventFileOf } from "./event-file.js";
import { indexFileOf } from "./index-file.js";
import { interfaceTexts } from "./interfaces.js";
import { aggregateFile, consumerFile, eventFile, projectionFile, topicFile, typesFile } from "./names.js";
import { projectionFileOf } from "./projection-file.js";
import { createRun } from "./scope.js";
import { topicFileOf } from "./topic-file.js";
import { typesFileOf } from "./types-file.js";
import { validatorFiles } from "./validator-file.js";

/** Types, schemas, upcasters, producers, consumers and projections in TypeScript, for `evgen/runtime`. */
export const typescript: Target = {
  name: "typescript",
  // Whatever two elements would both be called has been reported when the model was resolved.
  check: () => [],
  async generate(model, { fragments }) {
    const run = createRun(model);
    // Their interfaces are made all at once: a call of the library costs more than a record.
    const declaring = [
      ...(model.types.length === 0 ? [] : [{ file: typesFile, ...typesFileOf(run) }]),
      ...model.aggregates.flatMap(({ events }) =>
        events.map((event) => ({ file: eventFile(event), ...eventFileOf(event, run) })),
      ),
      ...model.projections.map((one) => ({ file: projectionFile(one), ...projectionFileOf(one, run) })),
    ];
    const interfaces = await interfaceTexts(
      declaring.map(({ records }) => records),
      fragments,
    );
    const precompiled = model.generate.validators === "precompiled" ? await validatorFiles(run, fragments) : [];
    const files = [
      ...declaring.map(({ file, text }, index) => ({ file, content: text(interfaces[index] ?? []) })),
      ...model.topics.map((topic) => ({ file: topicFile(topic), content: topicFileOf(topic, run) })),
      ...model.aggregates.map((one) => ({ file: aggregateFile(one), content: aggregateFileOf(one, run) })),
      ...model.consumers.map((one) => ({ file: consumerFile(one), content: consumerFileOf(one, run) })),
    ];
    const index = indexFileOf(
      files.map(({ file }) => file),
      run,
    );
    return [...files, ...precompiled, { file: "index", content: index }].map(
      ({ file, content }): GeneratedFile => ({ path: `typescript/${file}.ts`, content }),
    );
  },
};
