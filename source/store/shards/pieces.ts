import type { ReadOptions } from '../event-store.js';
import type { ExecutionsPiece } from '../executions/pieces.js';
import type { ShardSet } from './shard-set.js';

/**
 * The pieces of all shards' histories: the next one of each together, so that the newest come first here too. A shard that
 * fails in between is left out from there on, as the gaps say. Throws where none has answered.
 */
export async function* piecesOfEach(set: ShardSet, options?: ReadOptions): AsyncGenerator<ExecutionsPiece> {
  const histories = set.shards.map((shard) => ({
    shard,
    pieces: shard.store.activeInPieces(options)[Symbol.asyncIterator](),
    latest: null as ExecutionsPiece | null,
  }));
  const counted = new Set(histories);
  for (let open = histories; open.length > 0; ) {
    const byShard = new Map(open.map((history) => [history.shard, history]));
    const { answers } = await set.among(
      [...byShard.keys()],
      async (_store, shard) => {
        const history = byShard.get(shard)!;
        const next = await history.pieces.next();
        return { history, piece: next.done ? null : next.value };
      },
      () => histories.every(({ latest }) => latest === null),
    );
    for (const history of open) if (!answers.some((answer) => answer.history === history)) counted.delete(history);
    const found = answers.flatMap(({ history, piece }) => (piece ? [{ history, piece }] : []));
    for (const { history, piece } of found) history.latest = piece;
    open = found.map(({ history }) => history);
    const sum = (which: 'done' | 'of') => [...counted].reduce((n, { latest }) => n + (latest?.[which] ?? 0), 0);
    if (open.length > 0)
      yield { executions: found.flatMap(({ piece }) => piece.executions), done: sum('done'), of: sum('of') };
  }
}
