import { definitionCodes } from "./model-definitions.js";
import { eventCodes } from "./model-events.js";
import { readerCodes } from "./model-readers.js";
import { settingCodes } from "./model-settings.js";
import { typeCodes } from "./model-types.js";

/** Of resolving names and types: what the parts of a model mean together. */
export const modelCodes = { ...definitionCodes, ...typeCodes, ...eventCodes, ...readerCodes, ...settingCodes };
