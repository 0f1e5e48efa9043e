import type { CommandSpec } from '../command.js';

type Words = CommandSpec['words'];

/** How many words besides flags a command takes, and what it calls them. */
export const NONE: Words = { least: 0, most: 0, called: 'words' };
export const ONE_ID: Words = { least: 1, most: 1, called: 'an execution id' };
export const SOME_IDS: Words = { least: 1, most: Number.POSITIVE_INFINITY, called: 'an execution id' };
