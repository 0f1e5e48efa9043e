import { STALE_CODES, type StaleCode } from '../staleness/staleness-types.js';
import {
  ASSUMPTIONS,
  type Assumption,
  type CodeTally,
  type Finding,
  ladderFrom,
  type Rehearsed,
  type Tally,
} from './rehearse.js';

/** What a cleanup would have done to all executions of a window, under one assumption. */
export interface RehearsalVerdict extends Tally {
  /** The codes that would have been cancelled, in the order of STALE_CODES. */
  readonly byCode: readonly CodeTally[];
  /** All that would have been cancelled: those that went on first, then by when. */
  readonly findings: readonly Finding[];
  /** The asked threshold and the longer ones. */
  readonly ladder: readonly (Tally & { readonly olderThanMs: number })[];
  /** The least threshold, in whole seconds, that would have spared all that went on; null where none had to be spared. */
  readonly sparedFromMs: number | null;
}

/** Adds up what was rehearsed, execution by execution. */
export class RehearsalTotals {
  silences = 0;
  silentExecutions = 0;
  /** Has every assumption, so that what is asked of it is there. */
  readonly #verdicts = new Map(ASSUMPTIONS.map((assumption) => [assumption, new Counter()]));

  constructor(readonly olderThanMs: number) {}

  add(rehearsed: Rehearsed): void {
    this.silences += rehearsed.silences;
    if (rehearsed.silences > 0) this.silentExecutions += 1;
    for (const [assumption, counter] of this.#verdicts) counter.add(rehearsed[assumption]);
  }

  get found(): number {
    return this.#verdicts.get('lost')!.findings.length;
  }

  verdict(assumption: Assumption): RehearsalVerdict {
    return this.#verdicts.get(assumption)!.verdict(ladderFrom(this.olderThanMs));
  }
}

class Counter {
  readonly findings: Finding[] = [];
  readonly #ladder: { cancelled: number; wentOn: number }[] = [];
  #harmedAfterMs = 0;

  add({ finding, ladder, harmedAfterMs }: Rehearsed[Assumption]): void {
    if (finding) this.findings.push(finding);
    this.#harmedAfterMs = Math.max(this.#harmedAfterMs, harmedAfterMs);
    ladder.forEach((what, index) => {
      this.#ladder[index] ??= { cancelled: 0, wentOn: 0 };
      const tally = this.#ladder[index];
      if (what !== 'left-alone') tally.cancelled += 1;
      if (what === 'went-on') tally.wentOn += 1;
    });
  }

  verdict(steps: readonly number[]): RehearsalVerdict {
    const harmed = this.findings.filter(({ later }) => later === 'went-on');
    return {
      cancelled: this.findings.length,
      wentOn: harmed.length,
      byCode: STALE_CODES.flatMap((code) => this.#ofCode(code) ?? []),
      findings: [...this.findings].sort(
        (a, b) => Number(b.later === 'went-on') - Number(a.later === 'went-on') || a.at - b.at,
      ),
      ladder: steps.map((olderThanMs, index) => ({ olderThanMs, cancelled: 0, wentOn: 0, ...this.#ladder[index] })),
      sparedFromMs: this.#harmedAfterMs === 0 ? null : Math.ceil(this.#harmedAfterMs / 1000) * 1000,
    };
  }

  #ofCode(code: StaleCode): CodeTally | null {
    const own = this.findings.filter((finding) => finding.code === code);
    if (own.length === 0) return null;
    const count = (later: Finding['later']) => own.filter((finding) => finding.later === later).length;
    return { code, cancelled: own.length, wentOn: count('went-on'), givenUp: count('given-up') };
  }
}
