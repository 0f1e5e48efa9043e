/** xterm refuses more than 100,000 bytes of base64, others less than that without saying so. */
const LONGEST_BASE64 = 74_994;

/**
 * OSC 52: asks the terminal, at the far end of however many ssh hops, to put text on its clipboard.
 * @param env read for TERM: GNU screen passes the sequence on only when wrapped in a DCS
 * @returns undefined when the text is too long
 */
export function clipboardSequence(text: string, env: NodeJS.ProcessEnv): string | undefined {
  const encoded = Buffer.from(text, 'utf8').toString('base64');
  if (encoded.length > LONGEST_BASE64) return undefined;
  const sequence = `\u001b]52;c;${encoded}\u0007`;
  const isScreen = (env.TERM ?? '').startsWith('screen') && env.TMUX === undefined;
  return isScreen ? `\u001bP${sequence}\u001b\\` : sequence;
}
