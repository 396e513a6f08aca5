// Prints the sums over vitest's JSON reports, and the name of every test that did not pass.
import { existsSync, readFileSync } from "node:fs";

const counts = { passed: 0, failed: 0, skipped: 0 };
const count = (status, name) => {
  counts[status]++;
  if (status !== "passed") console.log(`${status}: ${name}`);
};

for (const file of process.argv.slice(2)) {
  // A run that left no report has failed before its first test.
  if (!existsSync(file)) {
    count("failed", `${file} was not written`);
    continue;
  }
  for (const suite of JSON.parse(readFileSync(file, "utf8")).testResults) {
    const statuses = suite.assertionResults.map(({ status }) => status);
    for (const test of suite.assertionResults) {
      count(test.status === "passed" || test.status === "failed" ? test.status : "skipped", test.fullName);
    }
    // A file that could not be loaded, or whose hooks failed, has no test that says so.
    if (suite.status === "failed" && !statuses.includes("failed")) count("failed", suite.name);
  }
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;
