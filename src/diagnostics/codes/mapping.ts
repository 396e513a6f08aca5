/** Of the mapping language: upcasters, projections and what retired events become. */
export const mappingCodes = {};
