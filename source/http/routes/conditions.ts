import { engineJson } from '../../service/json/engine-json.js';
import { engineReply, failures } from '../schemas.js';
import type { Routes } from './context.js';

/** However many ask, the engine is read at most this often. */
export const CONDITIONS_MAX_AGE_MS = 5_000;

/** Whether anything may be called stuck now. */
export const conditionRoutes: Routes = (app, { conditions }) => {
  app.get(
    '/api/conditions',
    {
      schema: {
        summary: 'Conditions of the engine in which nothing is safe to clean up',
        tags: ['operations'],
        response: { 200: engineReply, ...failures },
      },
    },
    async () => engineJson(await conditions.read({ maxAgeMs: CONDITIONS_MAX_AGE_MS })),
  );
};
