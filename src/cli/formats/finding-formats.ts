/** What `--format` takes. They stand apart, so that the command line knows them without loading any. */
export const findingFormats = ["text", "json", "github", "junit", "sarif", "gitlab"] as const;
export type FindingFormat = (typeof findingFormats)[number];
