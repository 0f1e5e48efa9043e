import type { CommandSpec } from '../command.js';
import { ACT_COMMANDS } from '../command-table/act.js';
import { SEE_COMMANDS } from '../command-table/see.js';
import { SERVE_COMMANDS } from '../command-table/serve.js';

/**
 * The commands: help, completion, parsing and dispatch are made from this table. Nothing of a command is loaded before
 * it is the one that was asked for.
 */
export const COMMANDS: readonly CommandSpec[] = [...SEE_COMMANDS, ...ACT_COMMANDS, ...SERVE_COMMANDS];
