import { parentPort } from 'node:worker_threads';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { messageOf } from '../../model/errors.ts';
import { compileSchema } from './compile.ts';
import { issuesOf } from './issues.ts';
import { jsonOf } from './json-of.ts';

/** Whether a result is JSON that a schema allows. */
export interface Validation {
  /** As JSON. */
  schema: string;
  result: string;
}

/** What is wrong with the result; nothing when it is valid. Or why that cannot be said. */
export type Findings = { issues: string[] } | { unusable: string };

/** Many tasks have the same. */
let last: { schema: string; validate: ValidateFunction } | undefined;

parentPort?.on('message', (validation: Validation) => parentPort?.postMessage(findingsOf(validation)));

function findingsOf({ schema, result }: Validation): Findings {
  try {
    if (last?.schema !== schema) last = { schema, validate: compileSchema(JSON.parse(schema)) };
  } catch (error) {
    return { unusable: messageOf(error) };
  }
  let value: unknown;
  try {
    value = jsonOf(result);
  } catch (error) {
    return { issues: [`it is not JSON: ${messageOf(error)}`] };
  }
  return { issues: last.validate(value) ? [] : issuesOf(last.validate.errors ?? []) };
}
