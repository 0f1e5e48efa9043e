/** How an execution of a shape ends when it is not cut short. */
export type ShapeEnd = 'completed' | 'failed' | 'cancelled';
export type ShapeStack = 'python' | 'rust';

/** One row of a shape. In texts, `@E@` stands for the execution's id, `@W@` for its worker, `@I@` for its inline parent. */
export interface ShapeEvent {
  /** From 1, in event_id order. */
  readonly position: number;
  /** Milliseconds since the execution's start; never falls. */
  readonly offsetMs: number;
  readonly type: string;
  readonly status: string | null;
  /** Null stands for the playbook's path. */
  readonly node: string | null;
  readonly nodeType: string;
  readonly context: string | null;
  readonly result: string | null;
  readonly meta: string | null;
  /** The worker is named in the column (Python) and not in meta (Rust). */
  readonly inWorkerColumn: boolean;
  readonly namesParent: boolean;
  readonly durationMs: number | null;
}

export interface Shape {
  readonly stack: ShapeStack;
  readonly end: ShapeEnd;
  readonly events: readonly ShapeEvent[];
}

/** A row as the sequences name it: what it leaves out is filled in, and its time is given as a distance. */
export type Row = Partial<Omit<ShapeEvent, 'position' | 'offsetMs'>> & { type: string; after: number };
