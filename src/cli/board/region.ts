import { rowsOf, shownWidth } from '../width.ts';

/** As much of a terminal as is written to. */
export interface Terminal {
  columns: number;
  write(text: string): unknown;
}

const ESC = '\u001b[';
/** Terminals that know it show what comes between these at once; the others pass over it. */
const BEGIN = `${ESC}?2026h`;
const END = `${ESC}?2026l`;
/** A character that the terminal takes for wider than we do must not push the rest onto a row that nobody counted. */
const NO_WRAP = `${ESC}?7l`;
const WRAP = `${ESC}?7h`;
const ERASE_RIGHT = `${ESC}K`;

/**
 * Lines at the foot of a terminal, which are drawn over themselves again and again while others scroll above. The cursor rests below
 * them at the left and is never hidden, so that a process may die at any time; each change is one write. What the terminal does to the
 * lines as it becomes narrower (it wraps them) is reckoned with.
 */
export class Region {
  readonly #terminal: Terminal;
  #lines: string[] = [];
  #columns = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Shows these lines instead. None may be wider than the terminal. */
  draw(lines: string[]): void {
    const isResized = this.#terminal.columns !== this.#columns;
    if (!isResized && isSame(lines, this.#lines)) return;
    // A line that was wrapped would remain one, whatever is written over its rows. Otherwise nothing is erased that stays.
    const isDrawnOver = !isResized && lines.length >= this.#lines.length;
    const start = isDrawnOver ? this.#up(this.#rows()) : this.#erased();
    this.#write(start + this.#frame(lines, isDrawnOver ? this.#lines : []));
  }

  /** The same, and lets what ends with a newline scroll above. */
  above(text: string, lines: string[]): void {
    this.#write(this.#erased() + text.replaceAll('\n', '\r\n') + this.#frame(lines));
  }

  /** The same where another stream shows the text on this terminal. */
  around(show: () => void, lines: string[]): void {
    this.#write(this.#erased());
    show();
    this.#write(this.#frame(lines));
  }

  /** Takes it away; what is drawn later stands at the cursor. */
  clear(): void {
    if (this.#lines.length > 0) this.#write(this.#erased());
    this.#lines = [];
  }

  /** It stands no longer above the cursor: something else has been shown since. */
  forget(): void {
    this.#lines = [];
  }

  /**
   * @param before what stands there. A longer line is erased as a whole: what is erased behind a shorter one counts for tmux when it wraps
   * the line.
   */
  #frame(lines: string[], before: string[] = []): string {
    this.#lines = lines;
    this.#columns = this.#terminal.columns;
    const rows = lines.map((line, i) => {
      const isShorter = shownWidth(line) < shownWidth(before[i] ?? '');
      return `${isShorter ? ERASE_RIGHT : ''}${line}${ERASE_RIGHT}\r\n`;
    });
    return `${NO_WRAP}${rows.join('')}${WRAP}`;
  }

  /**
   * To its first line, with all its rows empty. They are emptied one by one: what is erased downwards from the top of the screen, tmux
   * keeps in its history.
   */
  #erased(): string {
    const rows = this.#rows();
    return `${this.#up(rows)}${`${ERASE_RIGHT}\r\n`.repeat(rows)}${ERASE_RIGHT}${this.#up(rows)}`;
  }

  /** The rows that it takes now: more than its lines, where the terminal has become narrower since. */
  #rows(): number {
    const columns = this.#terminal.columns || Infinity;
    if (columns >= this.#columns) return this.#lines.length;
    return this.#lines.reduce((sum, line) => sum + rowsOf(line, columns), 0);
  }

  #up(rows: number): string {
    return rows > 0 ? `\r${ESC}${rows}A` : '\r';
  }

  #write(text: string): void {
    this.#terminal.write(`${BEGIN}${text}${END}`);
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((line, i) => line === others[i]);
}
