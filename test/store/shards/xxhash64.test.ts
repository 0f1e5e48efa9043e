import { describe, expect, it } from 'vitest';
import { shardOf, xxHash64 } from '../../../source/store/shards/xxhash64.js';

describe('routing by XxHash64', () => {
  it.each([
    ['320816801799737344', 16, 14],
    ['1', 4, 1],
    ['42', 4, 3],
    ['325', 4, 0],
    ['325', 8, 4],
    ['9223372036854775807', 4, 0],
  ])("puts %s of %i shards where the server's own tests have it", (id, shards, shard) => {
    expect(shardOf(id, shards)).toBe(shard);
  });

  it('takes a negative number as its two-complement, and the whole range', () => {
    expect(xxHash64(-1n)).toBe(xxHash64(0xffff_ffff_ffff_ffffn));
    expect(shardOf('-9223372036854775808', 4)).toBe(shardOf((1n << 63n).toString(), 4));
  });

  it('spreads ids of one millisecond over all shards', () => {
    const counts = [0, 0, 0, 0];
    for (let n = 0n; n < 4000n; n++) counts[shardOf((((320816801799737344n >> 18n) << 18n) | n).toString(), 4)]! += 1;
    for (const count of counts) expect(count).toBeGreaterThan(850);
  });
});
