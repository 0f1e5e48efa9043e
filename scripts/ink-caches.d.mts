import type { Plugin } from 'esbuild';

/** The esbuild plugin that bounds Ink's caches. */
export declare const boundedInkCaches: Plugin;
