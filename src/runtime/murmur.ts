/** Murmur3 with 32 bits and seed 0 of the text's UTF-8, without a sign: what Pulsar's Murmur3_32Hash routes a key by. */
export const murmur3 = (text: string): number => {
  const bytes = Buffer.from(text, "utf8");
  const blocks = bytes.length & ~3;
  let hash = 0;
  for (let at = 0; at < blocks; at += 4) {
    hash ^= scramble(bytes.readInt32LE(at));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = bytes.length - 1; at >= blocks; at--) tail = (tail << 8) | (bytes[at] as number);
  hash ^= scramble(tail) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

const scramble = (block: number): number => {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
};

/** The partition that a key goes to, of so many. */
export const partitionOf = (key: string, partitions: number): number => (murmur3(key) & 0x7fffffff) % partitions;
