import { isOrchError, OrchError } from '../../model/errors.ts';

/**
 * Why a store took none of the tasks that it was given, with the place of the one at fault.
 * @param placeOf where a task is from; undefined: from no file.
 */
export function withPlace(error: unknown, placeOf: (index: number) => string | undefined): unknown {
  if (!isOrchError(error) || error.index === undefined) return error;
  const place = placeOf(error.index);
  return place === undefined
    ? error
    : new OrchError(error.code, `${place}: ${error.message}`, { cause: error });
}
