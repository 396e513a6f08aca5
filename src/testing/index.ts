/** What tests of generated code import. It belongs to no test runner: what it finds, it throws. */

export type { CounterExample, Proof, ProvedVersion } from "./prove.js";
export { type StoreTest, type StoreUnderTest, storeContract } from "./store-contract/index.js";
export { VerificationFailed, type VerifyOptions, verifyAggregate } from "./verify-aggregate.js";
export type { Flaw } from "./walk.js";
