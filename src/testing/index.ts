/** What tests of generated code import. It belongs to no test runner: what it finds, it throws. */

export type { CounterExample, Proof, ProvedVersion } from "./prove.js";
export { VerificationFailed, type VerifyOptions, verifyAggregate } from "./verify-aggregate.js";
export type { Flaw } from "./walk.js";
