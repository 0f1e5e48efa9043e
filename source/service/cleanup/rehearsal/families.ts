import type { ExecutionId } from '../../../domain/execution-id.js';
import {
  type ExecutionLog,
  type Family,
  type RehearsalRules,
  type Rehearsed,
  rehearse,
} from '../../../domain/rehearsal/rehearse.js';
import { SAFE_CODES } from '../../../domain/staleness/staleness-types.js';
import type { ReadOptions } from '../../../store/event-store.js';
import type { StoredLog } from '../../../store/rehearsal/reader.js';
import type { RehearsalStore } from './rehearsal.js';

/** Rows in memory at a time, and so the longest log, or family of logs, that is judged. */
const ROWS_AT_ONCE = 100_000;
const MOST_DESCENDANTS = 5_000;
const TOO_LONG = `it has more than ${ROWS_AT_ONCE.toLocaleString('en-US')} rows`;

type Kin = Pick<Family, 'own' | 'parent'>;

interface Heard {
  rehearsed(result: Rehearsed): void;
  notJudged(executionId: ExecutionId, why: string): void;
}

/** Reads executions with what their diagnoses rest on, a bounded number of rows at a time, and rehearses each. */
export class Families {
  readonly #paths = new Map<string, string>();
  /** Where a code that is not safe is taken, relatives can also turn one such code into another. */
  readonly #needsAll: boolean;

  constructor(
    readonly store: RehearsalStore,
    readonly rules: RehearsalRules,
    readonly wanted: ((path: string | null) => boolean) | undefined,
    readonly reading: ReadOptions,
    readonly heard: Heard,
  ) {
    this.#needsAll = [...rules.codes].some((code) => !SAFE_CODES.has(code));
  }

  async judge(ids: readonly ExecutionId[]): Promise<void> {
    for await (const logs of this.#logs(ids, (id) => this.heard.notJudged(id, TOO_LONG))) {
      const own = [...logs.values()].filter(({ path }) => this.wanted?.(path) ?? true);
      const rules = { ...this.rules, cohorts: await this.#cohorts(own) };
      const ofStrangers = new Map<ExecutionId, ExecutionLog[]>();
      const withParent: Kin[] = [];
      for (const log of own) {
        const id = log.parentExecutionId;
        if (id === null || logs.has(id)) withParent.push({ own: log, parent: (id && logs.get(id)) || null });
        else ofStrangers.set(id, [...(ofStrangers.get(id) ?? []), log]);
      }
      await this.#judgeWithParents(withParent, rules);
      const childrenOf = (id: ExecutionId) => ofStrangers.get(id) ?? [];
      const parents = this.#logs([...ofStrangers.keys()], (id) => {
        for (const { executionId } of childrenOf(id))
          this.heard.notJudged(executionId, `its parent ${id} is too long to read`);
        ofStrangers.delete(id);
      });
      for await (const some of parents) {
        const children = [...some].flatMap(([id, parent]) => childrenOf(id).map((log) => ({ own: log, parent })));
        for (const id of some.keys()) ofStrangers.delete(id);
        await this.#judgeWithParents(children, rules);
      }
      // What is left names parents that have no rows.
      const rest = [...ofStrangers.values()].flat();
      await this.#judgeWithParents(
        rest.map((log) => ({ own: log, parent: null })),
        rules,
      );
    }
  }

  /** Descendants can only turn a verdict to not safe, so they are read for those that would be cancelled without them. */
  async #judgeWithParents(executions: readonly Kin[], rules: RehearsalRules): Promise<void> {
    const withDescendants: Kin[] = [];
    for (const kin of executions) {
      const alone = rehearse({ ...kin, descendants: [] }, rules);
      const isTaken = alone.lost.finding !== null || alone.unknown.finding !== null || this.#needsAll;
      if (isTaken && alone.silences > 0) withDescendants.push(kin);
      else this.heard.rehearsed(alone);
    }
    await this.#judgeWithDescendants(withDescendants, rules);
  }

  async #judgeWithDescendants(executions: readonly Kin[], rules: RehearsalRules): Promise<void> {
    if (executions.length === 0) return;
    const ids = executions.map(({ own }) => own.executionId);
    const all = await this.store.linksBelow(ids, MOST_DESCENDANTS, this.reading);
    for (const { own, parent } of executions) {
      const { links, truncated } = all.truncated
        ? await this.store.linksBelow([own.executionId], MOST_DESCENDANTS, this.reading)
        : all;
      if (truncated) {
        this.heard.notJudged(
          own.executionId,
          `it has more than ${MOST_DESCENDANTS.toLocaleString('en-US')} descendants`,
        );
        continue;
      }
      const descendants: ExecutionLog[] = [];
      let isWhole = true;
      let groups = 0;
      for await (const some of this.#logs(below(own.executionId, links), () => {
        isWhole = false;
      })) {
        descendants.push(...some.values());
        groups += 1;
        if (groups > 1) isWhole = false;
        if (!isWhole) break;
      }
      if (isWhole) this.heard.rehearsed(rehearse({ own, parent, descendants }, rules));
      else this.heard.notJudged(own.executionId, `with its descendants ${TOO_LONG}`);
    }
  }

  /** Logs in groups of a bounded number of rows; those that alone are longer are named instead. */
  async *#logs(
    ids: readonly ExecutionId[],
    tooLong: (id: ExecutionId) => void,
  ): AsyncGenerator<Map<ExecutionId, ExecutionLog>> {
    if (ids.length === 0) return;
    let group: ExecutionId[] = [];
    let rows = 0;
    for (const [id, size] of await this.store.logSizes(ids, ROWS_AT_ONCE + 1, this.reading)) {
      if (size > ROWS_AT_ONCE) {
        tooLong(id);
        continue;
      }
      if (rows + size > ROWS_AT_ONCE) {
        yield await this.#read(group);
        [group, rows] = [[], 0];
      }
      group.push(id);
      rows += size;
    }
    if (group.length > 0) yield await this.#read(group);
  }

  async #read(ids: readonly ExecutionId[]): Promise<Map<ExecutionId, ExecutionLog>> {
    const logs = await this.store.logsOf(ids, this.rules.thresholds.bulkLoadLagMs, this.reading);
    const unknown = [...logs.values()].flatMap(({ catalogId }) =>
      catalogId === null || this.#paths.has(catalogId) ? [] : [catalogId],
    );
    if (unknown.length > 0) {
      for (const [id, { path }] of await this.store.catalogEntries(unknown, this.reading)) this.#paths.set(id, path);
    }
    return new Map([...logs].map(([id, log]) => [id, this.#named(log)]));
  }

  #named({ catalogId, ...log }: StoredLog): ExecutionLog {
    return { ...log, path: catalogId === null ? null : (this.#paths.get(catalogId) ?? null) };
  }

  /** Loads that more than one execution shares, as service/diagnose/cohorts finds them for the present. */
  async #cohorts(logs: readonly ExecutionLog[]): Promise<NonNullable<RehearsalRules['cohorts']>> {
    const loads = logs.flatMap(({ executionId, events }) => {
      const last = events.at(-1);
      return last?.loaded ? [{ executionId, ingestTime: last.loaded.ingestTime, lastEventAt: last.at }] : [];
    });
    const counts = new Map<string, number>();
    for (const { ingestTime } of loads) counts.set(ingestTime, (counts.get(ingestTime) ?? -1) + 1);
    const alone = loads.filter(({ ingestTime }) => counts.get(ingestTime) === 0);
    if (alone.length > 0) {
      const found = await this.store.loadedWithNeighbours(alone, this.reading);
      for (const { executionId, ingestTime } of alone) if (found.has(executionId)) counts.set(ingestTime, 1);
    }
    return (ingestTime) => counts.get(ingestTime) ?? 0;
  }
}

/** All descendants of one execution among the links, each once, whatever cycles there are. */
function below(id: ExecutionId, links: readonly { readonly parent: ExecutionId; readonly child: ExecutionId }[]) {
  const children = new Map<ExecutionId, ExecutionId[]>();
  for (const { parent, child } of links) children.set(parent, [...(children.get(parent) ?? []), child]);
  const seen = new Set<ExecutionId>([id]);
  const found: ExecutionId[] = [];
  for (let frontier = [id]; frontier.length > 0; ) {
    frontier = frontier.flatMap((parent) => children.get(parent) ?? []).filter((child) => !seen.has(child));
    for (const child of frontier) seen.add(child);
    found.push(...new Set(frontier));
  }
  return found;
}
