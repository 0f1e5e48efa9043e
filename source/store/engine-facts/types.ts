import type { NewestCommands } from '../../domain/conditions/conditions-log.js';
import type { ReadOptions } from '../event-store.js';

/** Reads that the conditions of the whole engine need beside noetl.runtime. */
export interface EngineFactsReader {
  /**
   * The newest rows of noetl.command, and whether the log has them. Unknown, and no error, where the table is absent, has
   * other columns, may not be read, or takes too long to read.
   */
  newestCommands(options?: ReadOptions): Promise<NewestCommands>;
}
