/** Of JSON Schemas that a model brings along. */
export const schemaCodes = {};
