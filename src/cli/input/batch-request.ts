import type { NewTask } from '../../model/task.ts';
import { isTaskId } from '../../stores/task-ids.ts';
import { usage } from '../values.ts';

/** What may be asked for beside the text. A task keeps it as metadata, as it is. */
const KEPT = new Set([
  'model',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'thinking',
  'service_tier',
  'metadata',
]);

/** A task that a request of Anthropic's Message Batches comes to. */
export type RequestedTask = NewTask & { id: string };

export function isBatchRequest(row: unknown): row is object {
  return typeof row === 'object' && row !== null && 'custom_id' in row && 'params' in row;
}

/**
 * The text of the user's messages is the description, `custom_id` the id; system prompt, model and the like go to metadata.
 * @throws `usage`: a task cannot hold what it asks for, or it is no such request.
 */
export function taskOfRequest(request: object, place: string): RequestedTask {
  const { custom_id: id, params, ...others } = request as Record<string, unknown>;
  refuseOthers(others, '', place);
  if (typeof id !== 'string' || !isTaskId(id)) {
    const allowed = '1 to 64 letters, digits, dots, underscores and hyphens';
    throw usage(`${place}: the custom_id ${JSON.stringify(id)} cannot be an id; use ${allowed}`);
  }
  const { messages, system, ...settings } = objectOf(params, 'params', place);
  const rest = Object.entries(settings).filter(([name]) => !KEPT.has(name));
  refuseOthers(Object.fromEntries(rest), 'params.', place);
  const description = descriptionOf(messages, place);
  const metadata = {
    ...(system !== undefined && { system: textOf(system, 'params.system', place) }),
    ...settings,
  };
  return { id, description, ...(Object.keys(metadata).length > 0 && { metadata }) };
}

function descriptionOf(messages: unknown, place: string): string {
  if (!Array.isArray(messages)) throw usage(`${place}: expected params.messages to be a list`);
  const texts = messages.map((message, i) => {
    const name = `params.messages[${i}]`;
    const { role, content, ...others } = objectOf(message, name, place);
    refuseOthers(others, `${name}.`, place);
    if (role !== 'user')
      throw usage(
        `${place}: ${name} has the role ${JSON.stringify(role)}; a task holds what the user says alone`,
      );
    return textOf(content, `${name}.content`, place);
  });
  const text = texts.join('\n\n');
  if (text.trim() === '') throw usage(`${place}: the messages are blank; say what is to be done`);
  return text;
}

/** A text, or a list of blocks of text, whose marks for the cache mean nothing here. */
function textOf(content: unknown, name: string, place: string): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw usage(`${place}: expected ${name} to be a text or a list of blocks`);
  const texts = content.map((block, i) => {
    const { type, text, cache_control: _, ...others } = objectOf(block, `${name}[${i}]`, place);
    if (type !== 'text' || typeof text !== 'string')
      throw usage(`${place}: ${name}[${i}] is of the type ${JSON.stringify(type)}; a task holds text alone`);
    refuseOthers(others, `${name}[${i}].`, place);
    return text;
  });
  return texts.join('\n\n');
}

function objectOf(value: unknown, name: string, place: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw usage(`${place}: expected ${name} to be an object`);
}

/** What is left out silently would be answered otherwise than was asked. */
function refuseOthers(others: object, prefix: string, place: string): void {
  const [name] = Object.keys(others);
  if (name !== undefined) throw usage(`${place}: ${prefix}${name} cannot be part of a task; leave it out`);
}
