import type { Middleware } from '@anthropic-ai/sdk';
import type { Turn } from './turn.ts';

/** For one request of the SDK: tells the call's turn when it is sent, and status and headers of its answer, of a failed one too. */
export function telling(turn: Turn): Middleware {
  return async (request, next) => {
    turn.sent();
    const response = await next(request);
    turn.answered(response.status, response.headers);
    return response;
  };
}
