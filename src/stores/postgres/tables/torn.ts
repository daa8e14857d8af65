import { queueSchema } from './names.ts';

/** @param what does not belong together */
export function tornText(what: string, schema: string): string {
  return `${schema} and ${queueSchema(schema)} are not of one moment (${what}): restore both from one backup, as pg_dump writes it with both schemas`;
}
