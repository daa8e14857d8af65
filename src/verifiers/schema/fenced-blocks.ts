/** A fenced block of a Markdown text. */
export interface FencedBlock {
  /** The first word behind its opening fence, in lower case; empty where there is none. */
  label: string;
  text: string;
  /** Nothing but blanks stands around it. */
  isAll: boolean;
}

/**
 * The fenced blocks of a text, in order: between a line of at least three backticks or tildes, and one of as many of them or more. A
 * fence within another block is part of its text. What is not closed is no block.
 */
export function fencedBlocks(text: string): FencedBlock[] {
  const lines = text.trim().split('\n');
  const blocks: FencedBlock[] = [];
  let open: { at: number; mark: string; label: string } | undefined;
  for (const [at, line] of lines.entries()) {
    const fence = fenceOf(line);
    if (!fence) continue;
    if (!open) open = { at, ...fence };
    else if (fence.mark.startsWith(open.mark) && fence.label === '') {
      const { label } = open;
      const isAll = open.at === 0 && at === lines.length - 1;
      blocks.push({ label, text: lines.slice(open.at + 1, at).join('\n'), isAll });
      open = undefined;
    }
  }
  return blocks;
}

function fenceOf(line: string): { mark: string; label: string } | undefined {
  const trimmed = line.trim();
  const mark = /^(?:`{3,}|~{3,})/.exec(trimmed)?.[0];
  if (mark === undefined) return undefined;
  const info = trimmed.slice(mark.length);
  // Code within a line, such as ```x```, opens nothing.
  if (info.includes('`')) return undefined;
  return { mark, label: info.trim().split(/\s/, 1)[0]!.toLowerCase() };
}
