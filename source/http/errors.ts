import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { CleanupBlocked, CleanupRefused } from '../service/cleanup/refusals.js';
import { StoreError, type StoreErrorKind } from '../store/errors.js';

/** A refusal with its status code; the message is for the caller. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  constructor(
    readonly statusCode: 400 | 401 | 403 | 404 | 405 | 409,
    message: string,
  ) {
    super(message);
  }
}

/** What a failure of the database means to a caller: that it may try again, except where only an operator can help. */
const STATUS_OF: Readonly<Record<StoreErrorKind, number>> = {
  unreachable: 503,
  authentication: 503,
  'no-database': 503,
  'no-schema': 503,
  'no-privilege': 503,
  'read-only': 503,
  timeout: 503,
  busy: 503,
  aborted: 503,
  'refused-sql': 400,
  'writes-disabled': 403,
  'outcome-unknown': 503,
  other: 500,
};

/** How soon a caller may try again, in seconds. */
const RETRY_AFTER_S = 1;

/** Answers every failure with {"error"}: what the caller did wrong in its words, and never a stack or an internal name. */
export function answerError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof StoreError) {
    const status = STATUS_OF[error.kind];
    request.log.warn({ kind: error.kind, problem: error.message }, 'the database failed');
    if (status === 503) void reply.header('retry-after', RETRY_AFTER_S);
    void reply.code(status).send({ error: status === 500 ? 'the database failed; the log says more' : error.message });
    return;
  }
  if (error instanceof CleanupRefused) {
    void reply.code(400).send({ error: error.message });
    return;
  }
  if (error instanceof CleanupBlocked) {
    void reply.code(409).send({ error: `cleanup is refused: ${error.message}` });
    return;
  }
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
  if (status < 500) {
    void reply.code(status).send({ error: describe(error, status) });
    return;
  }
  request.log.error({ err: error }, 'unexpected failure');
  void reply.code(500).send({ error: 'internal error; the log says more' });
}

function describe(error: FastifyError | Error, status: number): string {
  if (error instanceof HttpProblem) return error.message;
  if ('validation' in error && error.validation) return validationProblem(error);
  if (status === 413) return 'the body is larger than 64 KiB';
  if (status === 415) return 'a body must be sent as application/json';
  if (status === 400 && /JSON|Body/i.test(error.message)) return 'the body is not valid JSON';
  return error.message;
}

/** The first thing that a schema found, naming the field. */
function validationProblem(error: FastifyError): string {
  const where = error.validationContext === 'querystring' ? 'the query' : `the ${error.validationContext ?? 'request'}`;
  const [first] = error.validation ?? [];
  if (!first) return `${where} is not valid`;
  const field = first.instancePath.replace(/^\//, '').replaceAll('/', '.');
  if (first.keyword === 'additionalProperties') {
    return `${where} has an unknown field ${JSON.stringify(first.params.additionalProperty)}`;
  }
  if (first.keyword === 'enum' && Array.isArray(first.params.allowedValues)) {
    return `${field} must be one of ${first.params.allowedValues.join(', ')}`;
  }
  return `${field || where} ${first.message ?? 'is not valid'}`;
}
