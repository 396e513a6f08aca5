/** Of targets: what a sound model cannot be generated as. */
export const targetCodes = {};
