import { createHash } from "node:crypto";
import { messageOf } from "../errors.js";

/**
 * What the store asks of a client of the `redis` package: a client, a pool, a cluster or a sentinel, connected, with
 * replies as they are by default.
 */
export interface RedisClient {
  eval(script: string, options: RedisScriptOptions): Promise<unknown>;
  evalSha(sha: string, options: RedisScriptOptions): Promise<unknown>;
}

export interface RedisScriptOptions {
  keys: string[];
  arguments: string[];
}

/** A script that runs on the server as one step. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

const script = (text: string): Script => ({ text, sha: createHash("sha1").update(text).digest("hex") });

/** Runs a script by its hash; the text is sent when the server does not know it, since it was restarted for example. */
export const runScript = async (
  client: RedisClient,
  { text, sha }: Script,
  keys: readonly string[],
  values: readonly string[],
): Promise<unknown> => {
  const options = { keys: [...keys], arguments: [...values] };
  try {
    return await client.evalSha(sha, options);
  } catch (error) {
    if (!messageOf(error).startsWith("NOSCRIPT")) throw error;
    return client.eval(text, options);
  }
};

/**
 * KEYS: about, targets, live. ARGV: the target, and what is said of rows that are new, field by field. Answers with what
 * is known of those there. When no copy is live, this one is.
 */
export const openScript = script(`
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], unpack(ARGV, 2))
  local last = redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')
  redis.call('ZADD', KEYS[2], (tonumber(last[2]) or 0) + 1, ARGV[1])
end
redis.call('SET', KEYS[3], ARGV[1], 'NX')
return redis.call('HMGET', KEYS[1], 'shape', 'fingerprint', 'indexes', 'unfinished')`);

/** KEYS: targets, live. Answers with the target that is live, or nothing, and all of them. */
export const targetsScript = script(`
return {redis.call('GET', KEYS[2]), redis.call('ZRANGE', KEYS[1], 0, -1)}`);

/** KEYS: the about of targets. Answers with what is known of each. */
export const aboutScript = script(`
local found = {}
for at, key in ipairs(KEYS) do found[at] = redis.call('HMGET', key, 'shape', 'fingerprint', 'indexes') end
return found`);

/** KEYS: targets, live. ARGV: the target. Answers with 0 when there is no such one. */
export const promoteScript = script(`
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('SET', KEYS[2], ARGV[1])
return 1`);

/** KEYS: targets, live, and all of a target. ARGV: the target. */
export const dropScript = script(`
redis.call('ZREM', KEYS[1], ARGV[1])
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
redis.call('UNLINK', unpack(KEYS, 3))`);

/**
 * KEYS: about, and orders that are wanted no more. ARGV: the indexes as they were read, those that are wanted, and those
 * of them that are to be made. Answers with 1, or with 0 when the indexes are no more as they were read.
 */
export const declareScript = script(`
if redis.call('HGET', KEYS[1], 'indexes') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'indexes', ARGV[2], 'unfinished', ARGV[3])
if #KEYS > 1 then redis.call('UNLINK', unpack(KEYS, 2)) end
return 1`);

/** KEYS: rows, and orders that are made. ARGV: rows as their key, the version that was read, and a text for each order. */
export const orderScript = script(`
for at = 1, #ARGV, #KEYS + 1 do
  local row = redis.call('HGET', KEYS[1], ARGV[at])
  if row and string.match(row, '^{"version":(%d+),') == ARGV[at + 1] then
    for order = 2, #KEYS do redis.call('ZADD', KEYS[order], 0, ARGV[at + order]) end
  end
end`);

/** KEYS: about. ARGV: the indexes that are all made, unless others are wanted by now. */
export const finishScript = script(`
if redis.call('HGET', KEYS[1], 'indexes') == ARGV[1] then redis.call('HSET', KEYS[1], 'unfinished', '[]') end`);

/**
 * KEYS: rows, streams, seen. ARGV: how many streams and ids, then these, then keys of rows. Answers with the last
 * sequence of each stream, whether each id was seen, and the rows.
 */
export const readScript = script(`
local streams, ids = tonumber(ARGV[1]), tonumber(ARGV[2])
local found = {}
for at = 3, #ARGV do
  if at < 3 + streams then found[at - 2] = redis.call('HGET', KEYS[2], ARGV[at])
  elseif at < 3 + streams + ids then found[at - 2] = redis.call('ZSCORE', KEYS[3], ARGV[at])
  else found[at - 2] = redis.call('HGET', KEYS[1], ARGV[at]) end
end
return found`);

/**
 * KEYS: about, rows, streams, seen, and one for each order of rows. ARGV: the indexes that the orders are of, how many
 * ids are remembered, how many streams, ids and rows follow; streams as their name, the last sequence that was read, and
 * the new one; ids; rows as their key, the version that was read, what is new of them, and for each order the text that
 * they had and the one that they have. Nothing is written (0) when anything is not as it was read, or (-1) when the
 * indexes are others, or the rows gone altogether.
 */
export const writeScript = script(`
local streams, ids, rows = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local firstId = 6 + streams * 3
local firstRow = firstId + ids
local orders = #KEYS - 4
local width = 3 + orders * 2
if redis.call('HGET', KEYS[1], 'indexes') ~= ARGV[1] then return -1 end
for at = 6, firstId - 1, 3 do
  if (redis.call('HGET', KEYS[3], ARGV[at]) or '') ~= ARGV[at + 1] then return 0 end
end
for at = firstId, firstRow - 1 do
  if redis.call('ZSCORE', KEYS[4], ARGV[at]) then return 0 end
end
for at = firstRow, firstRow + (rows - 1) * width, width do
  local row = redis.call('HGET', KEYS[2], ARGV[at])
  if (row and string.match(row, '^{"version":(%d+),') or '') ~= ARGV[at + 1] then return 0 end
end
local version = string.format('%.0f', redis.call('HINCRBY', KEYS[1], 'version', 1))
for at = 6, firstId - 1, 3 do redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 2]) end
for at = firstId, firstRow - 1 do redis.call('ZADD', KEYS[4], version, ARGV[at]) end
if ids > 0 then redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -1 - tonumber(ARGV[2])) end
for at = firstRow, firstRow + (rows - 1) * width, width do
  if ARGV[at + 2] == '' then redis.call('HDEL', KEYS[2], ARGV[at])
  else redis.call('HSET', KEYS[2], ARGV[at], '{"version":' .. version .. ',' .. ARGV[at + 2]) end
  for order = 1, orders do
    local before, now = ARGV[at + 1 + order * 2], ARGV[at + 2 + order * 2]
    if before ~= now then
      if before ~= '' then redis.call('ZREM', KEYS[4 + order], before) end
      if now ~= '' then redis.call('ZADD', KEYS[4 + order], 0, now) end
    end
  end
end
return 1`);

/** KEYS: rows, an order of rows. ARGV: the limits between which rows are, and how many at most. Answers with rows. */
export const pageScript = script(`
local found = {}
for at, text in ipairs(redis.call('ZRANGEBYLEX', KEYS[2], ARGV[1], ARGV[2], 'LIMIT', 0, tonumber(ARGV[3]))) do
  found[at] = redis.call('HGET', KEYS[1], string.match(text, '%z\\3(.*)$'))
end
return found`);
