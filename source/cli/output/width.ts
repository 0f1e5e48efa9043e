import type { Terminal } from './terminal.js';

/** The columns that printed tables must fit into; undefined where stdout is no terminal: then nothing is cut. */
export const tableWidth = ({ stdout }: Terminal): number | undefined =>
  stdout.isTTY ? Math.max(40, stdout.columns ?? 80) : undefined;
