import { readdir } from 'node:fs/promises';

const FONT_FOLDERS = ['/usr/share/fonts', '/usr/local/share/fonts', '/System/Library/Fonts', 'C:\\Windows\\Fonts'];
const MONOSPACE =
  /(?:DejaVuSansMono|LiberationMono|Menlo|Consola|consola|CascadiaMono|NotoSansMono).*\.(?:ttf|ttc|otf)$/;

/** Draws pictures of pictures, to look at. */
export type PngRenderer = (svg: string) => Uint8Array;

async function hasMonospaceFont(): Promise<boolean> {
  for (const folder of FONT_FOLDERS) {
    const names = await readdir(folder, { recursive: true }).catch((): string[] => []);
    if (names.some((name) => MONOSPACE.test(name))) return true;
  }
  return false;
}

/** @returns the renderer, or a sentence that says why there is none */
export async function createPngRenderer(): Promise<PngRenderer | string> {
  const resvg = await import('@resvg/resvg-js').catch(() => undefined);
  if (resvg === undefined) return 'no PNG: @resvg/resvg-js is not installed on this platform';
  if (!(await hasMonospaceFont())) return 'no PNG: no monospaced font found (on Debian: apt install fonts-dejavu-core)';
  return (svg) => new resvg.Resvg(svg, { font: { loadSystemFonts: true } }).render().asPng();
}
