import type { Event, EventVersion } from "../../model/model.js";
import { type Code, code, docLines, docTextLines, identifier, literal } from "../../render/code.js";
import { embed, group, literalLayout, type Printable, print, statement, typeWith, width } from "../../render/layout.js";
import { render, type View } from "../../render/template.js";
import { header } from "./header.js";
import type { RecordDeclaration } from "./interfaces.js";
import { declareRecords } from "./interfaces.js";
import { mappingFunction } from "./mapping-function.js";
import { becomeConst, eventConst, eventFile, storedType, upcastConst, validatorFile } from "./names.js";
import { rootSchema } from "./schema.js";
import { localName, openScope, type Run, type Scope } from "./scope.js";
import { aliasDeclaration } from "./type.js";

/** A file of an event: its types in all versions, its upcasters and schemas. Nothing of another event is in it. */
export const eventFileOf = (event: Event, run: Run): { records: readonly RecordDeclaration[]; text: Text } => {
  const scope = openScope(run, eventFile(event));
  const records = event.versions.flatMap((version) =>
    declareRecords(version.type, identifier(version.name), versionDoc(version), scope),
  );
  return { records, text: (interfaces) => render("typescript/event.ts", view(event, interfaces, scope)) };
};

/** The text of a file, once its interfaces are there. */
export type Text = (interfaces: readonly Code[]) => string;

const view = (event: Event, interfaces: readonly Code[], scope: Scope): { readonly [name: string]: View } => {
  const name = identifier(event.name);
  const body = {
    name,
    interfaces,
    currentDoc: docLines(`${name} in its current version.`, deprecation(event)),
    current: identifier(event.current.name),
    stored: aliasDeclaration(
      identifier(storedType(event)),
      event.versions.map((version) => identifier(version.name)),
    ),
    upcasts: event.versions.flatMap((version, index) => upcast(event.versions[index - 1], version, scope)),
    becomings: becomings(event, scope),
    schemas: scope.model.generate.validators === "precompiled" ? [] : event.versions.map((one) => schema(one, scope)),
    definition: definition(event, scope),
  };
  return { ...header(scope), ...body };
};

const versionDoc = (version: EventVersion): readonly Code[] =>
  docTextLines(
    version.description ?? version.event.description,
    `${version.event.name} of ${version.event.aggregate.name}, version ${version.number}.`,
    deprecation(version.event),
  );

/** A tag for what nobody should emit any more. */
const deprecation = (event: Event): { readonly tag: "deprecated"; readonly text: string } | undefined =>
  event.deprecated !== undefined
    ? { tag: "deprecated", text: event.deprecated === true ? "" : event.deprecated }
    : event.becomes !== undefined
      ? { tag: "deprecated", text: "It is retired: stored ones are read as other events." }
      : undefined;

const upcast = (from: EventVersion | undefined, to: EventVersion, scope: Scope): readonly View[] => {
  if (from === undefined || to.upcast === undefined) return [];
  const text = mappingFunction(identifier(upcastConst(from)), from, to, to.upcast, scope);
  return [{ from: literal(from.number), to: literal(to.number), function: text }];
};

const becomings = (event: Event, scope: Scope): readonly View[] =>
  (event.becomes ?? []).map((becoming, index) => ({
    version: literal(becoming.version.number),
    event: identifier(becoming.version.event.name),
    function: mappingFunction(
      identifier(becomeConst(event, index)),
      event.current,
      becoming.version,
      becoming.mapping,
      scope,
    ),
  }));

const schemaConstOf = (version: EventVersion, scope: Scope): Code =>
  identifier(localName(`schemaV${version.number}`, scope));

const schema = (version: EventVersion, scope: Scope): Code => {
  const type = scope.imports.type("evgen/runtime", "JsonSchema");
  return statement(code`const ${schemaConstOf(version, scope)}: ${type} = `, rootSchema(version.type, scope));
};

const definition = (event: Event, scope: Scope): Code => {
  const type = scope.imports.type("evgen/runtime", "EventDefinition");
  const start = code`export const ${identifier(eventConst(event))}: `;
  const typed = typeWith(type, [literal(event.name), identifier(event.name)]);
  const prefix = code`${start}${print(typed, 0, width(start), width(" = {"))} = `;
  const versions = event.versions.map((version) => versionDefinition(version, scope));
  const becomes = event.becomes?.map((becoming, index) => {
    const to = becoming.version.event;
    return {
      event: embed(scope.imports.value({ file: eventFile(to) }, eventConst(to))),
      version: becoming.version.number,
      map: embed(identifier(becomeConst(event, index))),
    };
  });
  const properties: { readonly [name: string]: Printable } = {
    type: event.name,
    versions,
    ...(becomes === undefined ? {} : { becomes }),
  };
  return statement(
    prefix,
    group(
      code`{`,
      Object.entries(properties).map(([key, value]) => ({
        prefix: code`${identifier(key)}: `,
        value: literalLayout(value),
      })),
      code`}`,
      { pad: true, broken: true },
    ),
  );
};

const versionDefinition = (version: EventVersion, scope: Scope): Printable => {
  const next = version.event.versions[version.number];
  const validator =
    scope.model.generate.validators === "precompiled"
      ? { validate: embed(scope.imports.value({ file: validatorFile(version.event) }, `validate${version.name}`)) }
      : { schema: embed(schemaConstOf(version, scope)) };
  return next?.upcast === undefined ? validator : { ...validator, upcast: embed(identifier(upcastConst(version))) };
};
