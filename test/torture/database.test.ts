import { expect, it } from 'vitest';
import { PARTS } from '../../torture/catalogue.js';
import { quickForms } from './quick-form.js';

const HERE = ['cancellers', 'kills', 'statements', 'server', 'late-children', 'pooler', 'hot-standby'];
const ELSEWHERE = ['histories', 'fuzz', 'screens', 'ways-out', 'soak'];

it('leaves no part out', () => {
  expect(PARTS.map(({ name }) => name)).toEqual([...HERE, ...ELSEWHERE]);
});

quickForms(...HERE);
