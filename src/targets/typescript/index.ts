import type { Model } from "../../model/model.js";
import type { GeneratedFile, Target } from "../target.js";
import { aggregateFileOf } from "./aggregate-file.js";
import { consumerFileOf } from "./consumer-file.js";
import { eventFileOf } from "./event-file.js";
import { indexFileOf } from "./index-file.js";
import { interfaceTexts } from "./interfaces.js";
import {
  aggregateFile,
  consumerFile,
  eventFile,
  exportedNames,
  projectionFile,
  topicFile,
  typesFile,
} from "./names.js";
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
  names: (model) => new Set(exportedNames(model)),
  async generate(model, { fragments, names = typescript.names?.(model) ?? new Set(), isWanted = () => true }) {
    const run = createRun(model, names);
    const wanted = model.aggregates.filter(isWanted);
    // Their interfaces are made all at once: a call of the library costs more than a record.
    const declaring = [
      ...(model.types.length === 0 ? [] : [{ file: typesFile, ...typesFileOf(run) }]),
      ...wanted.flatMap((of) => of.events.map((event) => ({ file: eventFile(event), of, ...eventFileOf(event, run) }))),
      ...model.projections.map((one) => ({ file: projectionFile(one), ...projectionFileOf(one, run) })),
    ];
    const interfaces = await interfaceTexts(
      declaring.map(({ records }) => records),
      fragments,
    );
    const precompiled = model.generate.validators === "precompiled" ? await validatorFiles(wanted, run, fragments) : [];
    const files: readonly MadeFile[] = [
      ...declaring.map(({ text, records, ...one }, index) => ({ ...one, content: text(interfaces[index] ?? []) })),
      ...model.topics.flatMap((topic) => {
        const [of, ...others] = topic.aggregates;
        if (of === undefined || others.length > 0)
          return [{ file: topicFile(topic), content: topicFileOf(topic, run) }];
        return isWanted(of) ? [{ file: topicFile(topic), of, content: topicFileOf(topic, run) }] : [];
      }),
      ...wanted.map((of) => ({ file: aggregateFile(of), of, content: aggregateFileOf(of, run) })),
      ...model.consumers.map((one) => ({ file: consumerFile(one), content: consumerFileOf(one, run) })),
    ];
    const index = indexFileOf(modulesOf(model), run);
    return [...files, ...precompiled, { file: "index", content: index }].map(
      ({ file, ...rest }): GeneratedFile => ({ path: `typescript/${file}.ts`, ...rest }),
    );
  },
};

/** A file by its path below the target's folder, without extension. */
type MadeFile = Omit<GeneratedFile, "path"> & { readonly file: string };

/** The files that index.ts exports. */
const modulesOf = (model: Model): readonly string[] => [
  ...(model.types.length === 0 ? [] : [typesFile]),
  ...model.aggregates.flatMap(({ events }) => events.map(eventFile)),
  ...model.projections.map(projectionFile),
  ...model.topics.map(topicFile),
  ...model.aggregates.map(aggregateFile),
  ...model.consumers.map(consumerFile),
];
