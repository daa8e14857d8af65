import { bestMetadata, bestOutput } from '../../model/best-attempt.ts';
import { isBinary } from '../../model/encoding.ts';
import { type Task, usageOf } from '../../model/task.ts';
import { errorText, statusWord, usageLine } from '../format.ts';
import { oneLine, safeText } from '../safe-text.ts';

/** A section that a person can read. Texts stand in fences: none of them can become a heading, or end its fence. */
export function markdownOf(task: Task): string {
  const { id, attempts, criteria, tags, result } = task;
  const usage = usageOf(task);
  const inBase64 = isBinary(bestMetadata(task)) ? ', which is no text, in base64' : '';
  const facts = [
    statusWord(task),
    attempts > 0 && `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`,
    usage && usageLine(usage),
    tags && `tags: ${tags.map((tag) => oneLine(tag)).join(', ')}`,
  ];
  const parts = [
    `## ${id}`,
    facts.filter(Boolean).join(', '),
    fenced('Task', task.description),
    fenced('Criteria', criteria),
    fenced(`Result${inBase64}`, result),
    fenced('Error', errorText(task) || undefined),
    fenced(`Best output${inBase64}`, task.status === 'failed' ? bestOutput(task) : undefined),
  ];
  return `${parts.filter((part) => part !== undefined).join('\n\n')}\n`;
}

function fenced(title: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const shown = safeText(text).replace(/\n$/, '');
  const longest = Math.max(2, ...(shown.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `**${title}**\n\n${fence}text\n${shown}\n${fence}`;
}
