import { eventChanges } from "./evolution-events.js";
import { readerChanges } from "./evolution-readers.js";
import { versionChanges } from "./evolution-versions.js";
import { wireChanges } from "./evolution-wire.js";

/** Of `evgen check`: what a change means for a log that is kept for ever. */
export const changeCodes = { ...versionChanges, ...eventChanges, ...wireChanges, ...readerChanges };
