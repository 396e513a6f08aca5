import { Command, CommanderError, Option } from "commander";
import { withConnection } from "./connection.js";
import type { ExitCode } from "./exit-code.js";
import { exitCode } from "./exit-code.js";
import { asFailure } from "./failure.js";
import { findingFormats } from "./formats/finding-formats.js";
import { packageManifest } from "./package-manifest.js";

/** Runs the command line and says how it went. Each command is loaded when it is asked for. */
export const run = async (args: readonly string[]): Promise<ExitCode> => {
  let code: ExitCode = exitCode.done;
  const program = createProgram(async (command) => {
    code = await command;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCode.done : exitCode.wrongUse;
    const failure = asFailure(thrown);
    if (failure === undefined) return reportBug(thrown);
    process.stderr.write(`evgen: ${failure.message}\n`);
    return failure.exitCode;
  }
};

const createProgram = (finish: (command: Promise<ExitCode>) => Promise<void>): Command => {
  const program = new Command("evgen")
    .description("Generates the code, the schemas and the provisioning of an event model for Apache Pulsar.")
    .version(packageManifest().version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help of a command")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 findings, 2 wrong use, 3 the environment failed, 70 a bug in evgen.",
    );

  program
    .command("build")
    .summary("generate what the model says")
    .description(
      "Generates code, schemas and scripts from a model. Writes only what differs, and removes only what it wrote.",
    )
    .argument("[model]", "the model's first file (default: model.yaml or evgen.yaml here)")
    .option("--check", "write nothing; show what differs, and exit with 1 if anything does")
    .option("--watch", "build again whenever a file of the model changes")
    .option("--target <name...>", "only these targets; the files of others are left alone")
    .option("--json", "print the result as JSON (schemas/build-output.schema.json of the package)")
    .option("--force", "overwrite and remove files that were edited, or that evgen did not write")
    .option("--quiet", "print problems only")
    .option("--no-cache", "neither read nor write the cache")
    .addOption(
      new Option("--staged", "with --check: read what is staged in git, not the files").implies({ check: true }),
    )
    .action((model: string | undefined, options: object) =>
      finish(import("./commands/build.js").then(({ build }) => build(model, options))),
    );

  withConnection(program.command("check"))
    .summary("say whether a change is safe")
    .description(
      "Compares the model with what was released, and says of each change what it means for events that are stored.",
    )
    .argument("[model]", "the model's first file (default: model.yaml or evgen.yaml here)")
    .option("--against <base>", "what it is compared with: lock, git:<ref>, or pulsar[:<environment or URL>]", "lock")
    .addOption(findingFormat())
    .option("--staged", "read what is staged in git, not the files")
    .option("--quiet", "leave out what is safe; print nothing when there is nothing to say")
    .option("--no-cache", "neither read nor write the cache")
    .action((model: string | undefined, options: object) =>
      finish(import("./commands/check.js").then(({ check }) => check(model, options))),
    );

  program
    .command("release")
    .summary("freeze what the model has")
    .description(
      "Writes down in evgen.lock what is released: versions of events that never change again, and their order on the wire.",
    )
    .argument("[model]", "the model's first file (default: model.yaml or evgen.yaml here)")
    .option("--dry-run", "write nothing; print what would be released")
    .option("--check", "write nothing; exit with 1 if something is not released")
    .option("--json", "print the result as JSON (schemas/release-output.schema.json of the package)")
    .option("--quiet", "print problems only")
    .action((model: string | undefined, options: object) =>
      finish(import("./commands/release.js").then(({ release }) => release(model, options))),
    );

  program
    .command("lint")
    .summary("say what will be regretted")
    .description(
      "Looks for what works and would be regretted in a log that is kept for ever: names, types, personal data, readers.",
    )
    .argument("[model]", "the model's first file (default: model.yaml or evgen.yaml here)")
    .addOption(findingFormat())
    .option("--strict", "warnings are errors")
    .option("--staged", "read what is staged in git, not the files")
    .option("--quiet", "leave out information; print nothing when there is nothing to say")
    .option("--no-cache", "neither read nor write the cache")
    .action((model: string | undefined, options: object) =>
      finish(import("./commands/lint.js").then(({ lint }) => lint(model, options))),
    );

  program
    .command("who")
    .summary("say who produces and reads an event")
    .description(
      "Says who produces, carries and reads an event, an aggregate, a projection, a consumer or a type, and where fields come from and go to.",
    )
    .argument("<name>", "OrderPlaced, Order, OrderSummary, or a field: OrderPlaced.total.amount")
    .option("--model <file>", "the model's first file (default: model.yaml or evgen.yaml here)")
    .option("--json", "print the result as JSON (schemas/who.schema.json of the package)")
    .action((name: string, options: object) =>
      finish(import("./commands/who.js").then(({ who }) => who(name, options))),
    );

  program
    .command("init")
    .summary("write a first model")
    .description("Writes a first model and what belongs to it. Changes nothing that is there; can be run again.")
    .argument("[folder]", "where to", ".")
    .option("--system <name>", "name of the system: lower case letters, digits and dashes (default: the folder's name)")
    .option("--model <file>", "name of the model's file (default: model.yaml)")
    .option("--out <folder>", "folder of the generated files (default: generated)")
    .option("--target <name...>", "what to generate (default: typescript schemas pulsar-admin)")
    .option("--no-scripts", "leave package.json alone")
    .option("--no-git", "write neither .gitattributes nor a pre-commit entry")
    .option("-y, --yes", "ask nothing")
    .option("--quiet", "print problems only")
    .action((folder: string, options: object) =>
      finish(import("./commands/init.js").then(({ init }) => init(folder, options))),
    );

  const onBroker = (name: string, argument?: readonly [name: string, description: string]): Command => {
    const command = program.command(name);
    if (argument !== undefined) command.argument(...argument);
    return withConnection(
      command.argument("[model]", "the model's first file (default: model.yaml or evgen.yaml here)"),
    ).option("--env <name>", "the environment of the model to work on");
  };
  const provisioning = (name: string): Command =>
    onBroker(name)
      .option("--drafts", "provision versions that are not released too")
      .option("--skip-tenant", "neither read nor change the tenant, for who may only manage its namespaces")
      .option("--allow <consent...>", "agree by name to what cannot be taken back: grow-partitions:orders")
      .option("--json", "print the result as JSON (schemas/plan-output.schema.json of the package)");

  provisioning("plan")
    .summary("compare a broker with the model")
    .description("Says what a broker lacks or has otherwise than the model says, and changes nothing.")
    .option("--check", "exit with 1 if anything differs")
    .option("--quiet", "print problems only")
    .action((model: string | undefined, options: object) =>
      finish(import("./commands/plan.js").then(({ plan }) => plan(model, options))),
    );

  provisioning("apply")
    .summary("make a broker hold what the model says")
    .description(
      "Creates and changes what evgen plan says, in order, and reads it back. Removes nothing that was not named.",
    )
    .option("--quiet", "print problems only")
    .action((model: string | undefined, options: object) =>
      finish(import("./commands/apply.js").then(({ apply }) => apply(model, options))),
    );

  program
    .command("verify")
    .summary("prove that every stored event can be read")
    .description(
      "Makes events of every version that may be stored, and reads them, with the functions of `by:` that you wrote.",
    )
    .argument("[model]", "the model's first file (default: model.yaml or evgen.yaml here)")
    .option("--functions <file>", "the module that exports the functions (default: verify.functions of the model)")
    .option("--runs <number>", "how many events of each version are tried (default: 100)")
    .option("--seed <number>", "make the same events again (default: others each time)")
    .option("--time <time>", "how long it may take: 500ms, 30s, 5m (default: 60s)")
    .option("--only <version>", "try one version: OrderPlacedV1")
    .option("--path <path>", "with --only and --seed, try the one event of a counter-example")
    .addOption(new Option("--format <format>", "how findings are printed").choices([...findingFormats]).default("text"))
    .option("--record", "when all is well, note in evgen.lock what the released samples are read as")
    .option("--quiet", "print findings only")
    .action((model: string | undefined, options: object) =>
      finish(import("./commands/verify.js").then(({ verify }) => verify(model, options))),
    );

  onBroker("status")
    .summary("say how a broker and its readers do")
    .description(
      "Says what waits, what is parked, who reads how fast, and which schema each topic has: what is wrong first.",
    )
    .option("--drafts", "look for versions that are not released too")
    .option("--check", "exit with 1 if anything is wrong")
    .option("--patience <time>", "how long a reader may acknowledge nothing, or be behind: 30s, 5m, 2h (default: 5m)")
    .option("--watch", "look again and again, until Ctrl-C")
    .option("--every <time>", "with --watch: how often (default: 5s)")
    .option("--json", "print the result as JSON (schemas/status-output.schema.json); with --watch, a line each time")
    .option("--quiet", "print problems with the broker only; the status is what was asked for")
    .action((model: string | undefined, options: object) =>
      finish(import("./commands/status.js").then(({ status }) => status(model, options))),
    );

  onBroker("replay", ["<reader>", "a projection or a consumer of the model"])
    .summary("let a projection or a consumer read again")
    .description(
      "Resets the subscription on every partition, and proves that the reset holds. Time is publish time: when the broker got a message, not when its event happened.",
    )
    .requiredOption(
      "--from <position>",
      "earliest, a publish time (2026-01-05T10:00:00Z), how long ago (2h), or a message id (ledger:entry)",
    )
    .option("--topic <name...>", "only these of the topics that it reads")
    .option("--disconnect", "do it although consumers are connected; they are thrown out and come back")
    .option("--skip-unread", "do it although messages before the position have not been read; they never will be")
    .option("--dry-run", "print the positions, and reset nothing")
    .option("--wait", "wait until everything has been read again, and say how far it is")
    .option("--json", "print the result as JSON (schemas/replay-output.schema.json of the package)")
    .option("--quiet", "print problems only")
    .action((reader: string, model: string | undefined, options: object) =>
      finish(
        import("./commands/replay.js").then(({ replay }) =>
          replay(reader, model, options as { readonly from: string }),
        ),
      ),
    );

  const projections = program
    .command("projections")
    .summary("build rows of projections anew, and switch to them")
    .description("Works on the copies of the rows of projections: each version of a projection has its own.");
  const onProjections = (name: string): Command =>
    withConnection(projections.command(name))
      .option("--model <file>", "the model's first file (default: model.yaml or evgen.yaml here)")
      .option("--env <name>", "the environment of the model to work on")
      .option(
        "--store-url <url...>",
        "where the rows are, postgres://host/database, redis://host, https://host:9200 (default: $DATABASE_URL, …)",
      )
      .option("--store-schema <name>", "their schema in PostgreSQL (default: the first of the search_path)")
      .option("--store-prefix <text>", "what their keys in Redis, or indexes of a search server begin with");
  const promoting = (command: Command): Command =>
    command.option("--lagging", "do it although those rows lack events that the broker has");

  onProjections("status")
    .summary("say which rows there are")
    .description("Says which copies of rows there are, which one is live, how far behind each is, and what to do next.")
    .argument("[projection]", "the projection (default: all)")
    .option("--json", "print the result as JSON (schemas/projections-output.schema.json of the package)")
    .action((projection: string | undefined, options: object) =>
      finish(import("./commands/projections.js").then(({ status }) => status(projection, options))),
    );

  promoting(onProjections("rebuild"))
    .summary("wait until new rows hold every event")
    .description("Waits until the rows of the model's version hold all events up to now, and says how far they are.")
    .argument("<projection>", "the projection")
    .option("--promote", "then make them the live ones")
    .action((projection: string, options: object) =>
      finish(import("./commands/projections.js").then(({ rebuild }) => rebuild(projection, options))),
    );

  promoting(onProjections("promote"))
    .summary("switch to the rows of the model's version")
    .description("Makes the rows of the model's version the live ones, in one step, when they hold every event.")
    .argument("<projection>", "the projection")
    .action((projection: string, options: object) =>
      finish(import("./commands/projections.js").then(({ promote }) => promote(projection, options))),
    );

  promoting(onProjections("rollback"))
    .summary("switch back to the rows before")
    .description("Makes the rows of the version before the live ones again, in one step, when they hold every event.")
    .argument("<projection>", "the projection")
    .action((projection: string, options: object) =>
      finish(import("./commands/projections.js").then(({ rollback }) => rollback(projection, options))),
    );

  onProjections("drop")
    .summary("remove rows that are not live")
    .description("Removes a copy of the rows that is neither live nor written any more.")
    .argument("<projection>", "the projection")
    .argument("<target>", "what the rows are called: order_summary_v1")
    .action((projection: string, target: string, options: object) =>
      finish(import("./commands/projections.js").then(({ drop }) => drop(projection, target, options))),
    );

  const deadLetters = program
    .command("dlq")
    .summary("list, show and redrive parked events")
    .description("Works on the events that consumers and projections have parked in their dead-letter topics.");
  const onDeadLetters = (name: string): Command =>
    withConnection(deadLetters.command(name))
      .option("--model <file>", "the model's first file (default: model.yaml or evgen.yaml here)")
      .option("--env <name>", "the environment of the model to work on")
      .option(
        "--service-url <url>",
        "the WebSocket API, ws://host:8080 (default: the environment's, else as --admin-url)",
      )
      .option("--json", "print the result as JSON (schemas/dlq-output.schema.json of the package)");

  onDeadLetters("list")
    .summary("say what is parked")
    .description("Says which keys are parked, since when and why.")
    .argument("[reader]", "the consumer or projection (default: all)")
    .action((reader: string | undefined, options: object) =>
      finish(import("./commands/dlq.js").then(({ list }) => list(reader, options))),
    );

  onDeadLetters("show")
    .summary("show parked events")
    .description("Shows parked events: where they were, why they are parked, what is stored, and what it is read as.")
    .argument("<reader>", "the consumer or projection")
    .option("--key <key...>", "the events of these keys")
    .option("--event <id...>", "the events with these ids")
    .option("--limit <events>", "at most so many")
    .action((reader: string, options: object) =>
      finish(import("./commands/dlq.js").then(({ show }) => show(reader, options))),
    );

  onDeadLetters("redrive")
    .summary("have parked events handled again")
    .description("Asks the processes of a consumer or projection to handle parked events again, in order per key.")
    .argument("<reader>", "the consumer or projection")
    .option("--key <key...>", "the events of these keys")
    .option("--event <id...>", "the events of the keys of the events with these ids")
    .addOption(new Option("--all", "everything that is parked").conflicts(["key", "event"]))
    .option("--dry-run", "ask nothing; print what would be redriven")
    .option("--wait <time>", "how long to wait until it is done: 30s, 5m (default: 60s)")
    .option("--quiet", "print problems only")
    .action((reader: string, options: object) =>
      finish(import("./commands/dlq.js").then(({ redrive }) => redrive(reader, options))),
    );

  program
    .command("explain")
    .summary("explain a diagnostic")
    .description("Prints the paragraph behind a diagnostic, or the list of all codes.")
    .argument("[code]", "as printed after `error` or `warning`: unknown-type")
    .action((code: string | undefined) => finish(import("./commands/explain.js").then(({ explain }) => explain(code))));

  program
    .command("demo")
    .summary("see the example run")
    .description("Runs the example model from end to end on a broker in memory, and shows what happens.")
    .option("--fast", "do not pause between the steps (nor when the output is not a terminal)")
    .action((options: object) => finish(import("./commands/demo.js").then(({ demo }) => demo(options))));

  return program;
};

/** Of every command that reports findings. */
const findingFormat = (): Option =>
  new Option("--format <format>", "how findings are printed").choices(findingFormats).default("text");

const reportBug = (thrown: unknown): ExitCode => {
  const { version, bugs } = packageManifest();
  const url = typeof bugs === "string" ? bugs : bugs?.url;
  process.stderr.write(
    `evgen: this is a bug in evgen. ${url === undefined ? "Please report it with this text." : `Please report it with this text at ${url}`}\n\n` +
      `evgen ${version}, node ${process.version}, ${process.platform} ${process.arch}\n` +
      `${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`,
  );
  return exitCode.bug;
};
