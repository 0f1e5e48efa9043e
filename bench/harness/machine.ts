import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import type { Machine } from './report.js';

export const machineOf = (postgres: string): Machine => ({
  cores: availableParallelism(),
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.versions.node,
  platform: `${platform()} ${arch()}`,
  postgres,
});
