/**
 * Whether a text matches a glob: `*` is any run of characters (slashes too, as catalog paths have them), `?` is one.
 * Without either the pattern is looked for anywhere. Case does not count. Linear in the text times the stars, so that
 * no pattern that somebody types can stall the screen.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const wanted = pattern.toLowerCase();
  const given = text.toLowerCase();
  if (!/[*?]/.test(wanted)) return given.includes(wanted);
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < given.length) {
    if (wanted[p] === '*') {
      star = p;
      resume = t;
      p += 1;
    } else if (p < wanted.length && (wanted[p] === '?' || wanted[p] === given[t])) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      p = star + 1;
      resume += 1;
      t = resume;
    } else return false;
  }
  while (wanted[p] === '*') p += 1;
  return p === wanted.length;
}
