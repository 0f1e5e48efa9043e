import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, the longest first; begun last, one of them would run alone at the end. */
const LONGEST = [
  '/test/torture/program.test.ts',
  '/test/demo/embedded-server.test.ts',
  '/test/torture/database.test.ts',
  '/test/terminal/console-input.test.ts',
  '/test/cli/program/demo-program.test.ts',
  '/test/recorded/cuts.test.ts',
  '/test/terminal/signals.test.ts',
  '/test/cli/program/cancel-program.test.ts',
  '/test/terminal/full-screen.test.ts',
  '/test/store/tree/wide-tree.test.ts',
  '/test/terminal/ways-out.test.ts',
  '/test/terminal/console-ways-out.test.ts',
  '/test/terminal/console.test.ts',
  '/test/terminal/memory.test.ts',
];

/** Longest files first, and each project in one piece, so that its processes go on from file to file. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const at = LONGEST.findIndex((file) => moduleId.endsWith(file));
      if (at >= 0) return at;
      return LONGEST.length + (project.name === 'pure' ? 1 : 0);
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
