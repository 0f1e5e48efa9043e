/**
 * JSON text without the blanks between its tokens. Works on the text, because reading it into JavaScript would round
 * 64-bit ids.
 */
export const compactJson = (json: string): string =>
  json.replace(/("[^"\\]*(?:\\.[^"\\]*)*")|\s+/g, (_, string: string | undefined) => string ?? '');
