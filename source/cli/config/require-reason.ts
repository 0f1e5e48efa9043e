import type { Flags } from '../args/parsed-flags.js';
import { UsageError } from '../args/usage-error.js';
import { type Layers, settingOf } from './layers.js';

/**
 * What asks for a reason with every cancel of this run: `--require-reason`, else the setting `require_reason`; null where
 * nothing does.
 */
export function reasonRequiredBy(layers: Layers, flags: Flags): string | null {
  if (flags.on('require-reason')) return '--require-reason';
  const configured = settingOf('require_reason', layers);
  return configured?.value === true ? `require_reason, ${configured.from}` : null;
}

/**
 * Before anything is read or written.
 * @throws UsageError where a reason is required and `--reason` gives none.
 */
export function refuseWithoutReason(layers: Layers, flags: Flags): void {
  const required = reasonRequiredBy(layers, flags);
  if (required !== null && (flags.text('reason') ?? '').trim() === '') {
    throw new UsageError(`a reason is required (${required}): say why with --reason`);
  }
}
