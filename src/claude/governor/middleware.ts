import type { Middleware } from '@anthropic-ai/sdk';
import type { Turn } from './turn.ts';

/** For one request of the SDK: hands status and headers of its answer to the call's turn, of a failed one too. */
export function telling(turn: Turn): Middleware {
  return async (request, next) => {
    const response = await next(request);
    turn.answered(response.status, response.headers);
    return response;
  };
}
