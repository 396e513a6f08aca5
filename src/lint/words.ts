/** The words of a name in camelCase or PascalCase, in lower case: otp sent for OTPSent, ip v4 for ipV4. */
export const wordsOf = (name: string): readonly string[] =>
  (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? []).map((word) => word.toLowerCase());

/** Whether a name ends in these words. */
export const endsWith = (words: readonly string[], ending: readonly string[]): boolean =>
  words.length >= ending.length && ending.every((word, i) => words[words.length - ending.length + i] === word);
