import { placesIn } from '../../model/placeholders.ts';
import { usage } from '../values.ts';

const PLACEHOLDER = /\{\{([^{}]+)\}\}/;

/** A text with places for the fields of a row: `What is {{question}}?`. Other braces are text. */
export class Template {
  /** Text and the names of fields by turns. */
  readonly #parts: string[];
  readonly #names: string[];

  constructor(text: string) {
    this.#parts = text.split(PLACEHOLDER);
    this.#names = [...new Set(this.#parts.filter((_, i) => i % 2 === 1).map((name) => name.trim()))];
  }

  /** The fields of the row that are filled in; undefined where there are none. */
  fieldsIn(row: Record<string, unknown>): string[] | undefined {
    const has = (name: string) => Object.hasOwn(row, name);
    // Rows may be many: those that have them all share one list.
    const fields = this.#names.every(has) ? this.#names : this.#names.filter(has);
    return fields.length > 0 ? fields : undefined;
  }

  /**
   * What is filled in is not looked at again. A list or an object is filled in as JSON, null as nothing.
   * @param stays a name whose place is left for later: that of a task which the new one comes after.
   * @throws `usage`: the row has no such field.
   */
  fill(row: Record<string, unknown>, place: string, stays: (name: string) => boolean): string {
    return this.#parts.map((part, i) => (i % 2 === 0 ? part : filled(part, row, place, stays))).join('');
  }
}

function filled(
  placeholder: string,
  row: Record<string, unknown>,
  place: string,
  stays: (name: string) => boolean,
): string {
  const name = placeholder.trim();
  if (Object.hasOwn(row, name)) return harmless(asText(row[name]), name, place, stays);
  if (name === '') return `{{${placeholder}}}`;
  // As it is looked for when its result is filled in.
  if (stays(name)) return `{{${name}}}`;
  const has = Object.keys(row).map((field) => JSON.stringify(field));
  throw usage(`${place}: the template names ${JSON.stringify(name)}, and the row has ${some(has)} alone`);
}

/** A row that has such a place would have a result put into it later. */
function harmless(text: string, field: string, place: string, stays: (name: string) => boolean): string {
  const named = text.includes('{{') && placesIn(text).find(stays);
  if (!named) return text;
  const why = `holds {{${named}}}, in whose place the result of ${named} would be put`;
  throw usage(`${place}: ${JSON.stringify(field)} ${why}; change the row, or leave that task out of --after`);
}

function some(names: string[]): string {
  return names.length > 10 ? `${names.slice(0, 10).join(', ')} and more` : names.join(', ') || 'no field';
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}
