import type { ExecutionId } from '../../domain/execution-id.js';

/**
 * XxHash64 of one 64-bit number, seed 0, as the NoETL server routes by it. Only this length is needed, so only its branch
 * of the algorithm is here. Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, "XXH64"; pinned by the
 * server's own vectors (event-store.md, "Connections that operators already have").
 */
const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotatedLeft = (value: bigint, bits: bigint): bigint => u64((value << bits) | (value >> (64n - bits)));

/** @param value read as its 8 little-endian bytes; a negative number as its two's complement */
export function xxHash64(value: bigint): bigint {
  const lane = u64(rotatedLeft(u64(u64(value) * PRIME_2), 31n) * PRIME_1);
  let hash = u64(PRIME_5 + 8n) ^ lane;
  hash = u64(rotatedLeft(hash, 27n) * PRIME_1 + PRIME_4);
  hash = u64((hash ^ (hash >> 33n)) * PRIME_2);
  hash = u64((hash ^ (hash >> 29n)) * PRIME_3);
  return hash ^ (hash >> 32n);
}

/** The number of the shard that an execution's rows live on, counted from 0 in the order of the list. */
export const shardOf = (id: ExecutionId, shards: number): number => Number(xxHash64(BigInt(id)) % BigInt(shards));
