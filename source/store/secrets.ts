/** Shorter texts are words that stand in every message. */
const LEAST_LENGTH = 4;
const MASK = '***';

const known = new Set<string>();

/**
 * Remembers a text that must not be shown in any message, wherever it turns up: as the password it is, or typed where a
 * host or a database's name belongs. A password that is the user's own name hides nothing and would make messages
 * unreadable. Module state on purpose: what is printed last, the stack of an unexpected error, knows no settings.
 */
export function keepSecret(secret: string | undefined, user?: string): void {
  if (secret !== undefined && secret.length >= LEAST_LENGTH && secret !== user) known.add(secret);
}

/** A text as it may be shown: secrets as they are and as a URL writes them, where they stand as words of their own. */
export function withoutSecrets(text: string): string {
  let shown = text;
  for (const secret of known) {
    for (const form of new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])) {
      const literal = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      shown = shown.replace(new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'giu'), MASK);
    }
  }
  return shown;
}
