import type { Condition, ConditionCode } from '../../domain/conditions/conditions.js';
import { formatDuration } from '../../text/duration.js';
import { OthersCancels } from '../batches/others-cancels.js';
import type { SessionBatches } from '../batches/session-batches.js';
import type { ListModel } from '../list/list-model.js';
import type { ConsoleContext } from '../shell/console-context.js';
import type { ConsoleOptions } from '../shell/console-options.js';
import type { EngineModelState } from '../shell/engine-model.js';
import type { Notice } from '../shell/notices.js';

/** The terminal's ways to reach an operator who looks elsewhere. */
export interface AttentionPort {
  bell?(): void;
  setTitle?(text: string): void;
}

interface AttentionParts {
  readonly context: ConsoleContext;
  readonly list: Pick<ListModel, 'source'>;
  readonly batches: SessionBatches;
  readonly options: ConsoleOptions;
  readonly terminal: () => AttentionPort | null;
}

/**
 * What an operator should notice without looking for it: cancels by others and the engine's conditions as notices; with
 * `bell` and `title`, batches that settle and a growing number of stale executions outside the screen too.
 */
export class Attention {
  readonly #stops: readonly (() => void)[];
  readonly #begun = new Map<ConditionCode, number>();
  /** Stale executions at the last key press, which an operator has seen; null until they are counted. */
  #staleSeen: number | null = null;
  #hasRung = false;
  /** What happened since the last key press, for the title. */
  #news = '';

  constructor(private readonly parts: AttentionParts) {
    const { context, list, batches } = parts;
    const others = new OthersCancels(context, batches);
    this.#stops = [
      () => others.dispose(),
      context.engine.store.subscribe((now, before) => this.#conditions(now, before)),
      list.source.store.subscribe(() => this.#stale()),
    ];
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
  }

  /** The operator is there: what there was to notice has been seen. */
  noticed(): void {
    this.#staleSeen = null;
    this.#hasRung = false;
    this.#news = '';
    this.#title();
  }

  /** A batch of this session has come to an end. */
  settled({ text, tone }: Notice): void {
    this.#news = `${tone === 'good' ? '■' : '!'} ${text}`;
    this.#ring();
    this.#title();
  }

  /** A terminal has been attached, which may show a title from now on. */
  attached(): void {
    this.#title();
  }

  #conditions(now: EngineModelState, before: EngineModelState): void {
    const { notices, clock } = this.parts.context;
    const at = clock.store.getState().local;
    const codes = new Set(now.conditions.map(({ code }) => code));
    const known = new Set(before.conditions.map(({ code }) => code));
    for (const condition of now.conditions) {
      if (known.has(condition.code)) continue;
      this.#begun.set(condition.code, at);
      // What holds when the console opens has a line of its own and is not announced.
      if (before.livenessKnown !== null) notices.announce(aboutCondition(condition.code), begins(condition), 'warn');
    }
    for (const { code } of before.conditions) {
      if (codes.has(code)) continue;
      const lasted = formatDuration(at - (this.#begun.get(code) ?? at));
      this.#begun.delete(code);
      notices.withdraw(aboutCondition(code));
      notices.announce(aboutCondition(code), `${code} has ended after ${lasted}`, 'good');
    }
  }

  #stale(): void {
    const { counts, readAt } = this.parts.list.source.store.getState();
    if (readAt === 0) return;
    this.#staleSeen ??= counts.stale;
    if (counts.stale > this.#staleSeen && !this.#hasRung) {
      this.#hasRung = true;
      this.#ring();
    }
    this.#title();
  }

  #ring(): void {
    if (this.parts.options.bell) this.parts.terminal()?.bell?.();
  }

  #title(): void {
    const { options, list, terminal } = this.parts;
    if (!options.title) return;
    const { stale } = list.source.store.getState().counts;
    const where = options.demo ? 'demo' : (options.profile ?? options.services.store.connection.database);
    const parts = [this.#news, stale > 0 ? `${stale} stale` : '', `noetl-console ${where}`];
    terminal()?.setTitle?.(parts.filter((part) => part !== '').join(' · '));
  }
}

const aboutCondition = (code: ConditionCode): string => `condition ${code}`;
const begins = ({ code, sentence }: Condition): string => `${code}: ${sentence}; nothing is safe while it holds`;
