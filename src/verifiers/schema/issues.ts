import type { ErrorObject } from 'ajv/dist/2020.js';
import { cut, oneLine } from '../../model/text.ts';

const MAX_ISSUES = 20;
const MAX_ISSUE_LENGTH = 300;

/** What is wrong, one a line with its place as a JSON pointer: at most twenty, and then how many more there are. */
export function issuesOf(errors: readonly ErrorObject[]): string[] {
  const issues = errors.slice(0, MAX_ISSUES).map(issueOf);
  const more = errors.length - issues.length;
  return more > 0 ? [...issues, `and ${more} more`] : issues;
}

function issueOf({ instancePath, message = 'is wrong', keyword, params }: ErrorObject): string {
  const place = instancePath === '' ? 'the whole' : instancePath;
  const details = detailsOf(keyword, params);
  return cut(oneLine(`${place} ${message}${details === '' ? '' : `: ${details}`}`), MAX_ISSUE_LENGTH);
}

/** What the message alone does not say. */
function detailsOf(keyword: string, params: Record<string, unknown>): string {
  const of = (name: string) => JSON.stringify(params[name]) ?? '';
  switch (keyword) {
    case 'enum':
      return of('allowedValues');
    case 'const':
      return of('allowedValue');
    case 'additionalProperties':
      return of('additionalProperty');
    case 'unevaluatedProperties':
      return of('unevaluatedProperty');
    default:
      return '';
  }
}
