/**
 * How an attack did harm: a cancel that was reported and is not there; a second cancel of one execution; a report that
 * does not say what the table says; anything else that must not happen (a crash, an undocumented exit code, a write).
 */
export type Damage = 'lost' | 'doubled' | 'misreported' | 'broken';

const EXAMPLES = 20;

/** What a part tried, how often, and what it found. */
export class Tally {
  readonly counts = new Map<string, number>();
  readonly damage: Record<Damage, number> = { lost: 0, doubled: 0, misreported: 0, broken: 0 };
  /** The first findings, one line each. */
  readonly examples: string[] = [];
  /** Why the part could not be tried on this machine; it then counts as neither passed nor failed. */
  skipped: string | null = null;

  did(what: string, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }

  found(damage: Damage, what: string): void {
    this.damage[damage] += 1;
    if (this.examples.length < EXAMPLES) this.examples.push(`${damage}: ${what.slice(0, 600)}`);
  }

  expect(holds: boolean, damage: Damage, what: () => string): void {
    if (!holds) this.found(damage, what());
  }

  get failures(): number {
    return Object.values(this.damage).reduce((sum, each) => sum + each, 0);
  }

  get howOften(): string {
    return [...this.counts].map(([what, times]) => `${times.toLocaleString('en')} ${what}`).join(', ');
  }
}
