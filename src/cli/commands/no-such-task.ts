import { OrchError } from '../../model/errors.ts';

export function noSuchTask(id: string): OrchError {
  return new OrchError(
    'not-found',
    `There is no task ${JSON.stringify(id)}; orch list shows those there are`,
  );
}
