import type { Plugin } from 'esbuild';

/** The esbuild plugin that keeps what is never needed from loading before the first frame. */
export declare const cheaperFirstFrame: Plugin;
