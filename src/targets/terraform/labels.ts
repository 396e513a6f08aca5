/**
 * Names of resources in HCL, one for each text: the text itself where it can be one, else without what cannot stand in a
 * name, and with a number where two would be the same.
 */
export const labels = (): ((text: string) => string) => {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  return (text) => {
    const known = given.get(text);
    if (known !== undefined) return known;
    const plain = text.replace(/[^A-Za-z0-9_-]+/g, "_").replace(/^(?![A-Za-z_])/, "_");
    let label = plain;
    for (let number = 2; taken.has(label); number++) label = `${plain}_${number}`;
    taken.add(label);
    given.set(text, label);
    return label;
  };
};
