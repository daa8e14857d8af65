import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import headless from '@xterm/headless';

/** How terminals measure characters: by old tables, by newer ones, or by what a person takes for one sign. */
export const WIDTHS = ['6', '11', '15-graphemes'] as const;

export interface EmulatorOptions {
  columns: number;
  rows: number;
  widths?: (typeof WIDTHS)[number];
}

/** A terminal without a screen, which shows what it would show. */
export class Emulator {
  readonly #terminal: headless.Terminal;

  constructor({ columns, rows, widths = '11' }: EmulatorOptions) {
    this.#terminal = new headless.Terminal({
      cols: columns,
      rows,
      scrollback: 10_000,
      allowProposedApi: true,
      convertEol: true,
    });
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.loadAddon(new UnicodeGraphemesAddon());
    this.#terminal.unicode.activeVersion = widths;
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  /** Resolves when it is shown. */
  write(text: string): Promise<void> {
    return new Promise((resolve) => this.#terminal.write(text, resolve));
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  /** Where the next character would stand, 0 for the first column or row of the screen. */
  get cursor(): { column: number; row: number } {
    const { cursorX, cursorY } = this.#terminal.buffer.active;
    return { column: cursorX, row: cursorY };
  }

  /** All rows, those that have scrolled off included, without the empty ones at the end. */
  get rows(): string[] {
    const { active } = this.#terminal.buffer;
    const rows = Array.from(
      { length: active.length },
      (_, row) => active.getLine(row)?.translateToString() ?? '',
    );
    return withoutEmptyEnd(rows.map((row) => row.trimEnd()));
  }

  /** The same; rows that are one line are put together. */
  get lines(): string[] {
    const { active } = this.#terminal.buffer;
    const lines: string[] = [];
    for (let row = 0; row < active.length; row++) {
      const line = active.getLine(row);
      const text = line?.translateToString(true) ?? '';
      if (line?.isWrapped) lines.push(lines.pop() + text);
      else lines.push(text);
    }
    return withoutEmptyEnd(lines);
  }
}

function withoutEmptyEnd(lines: string[]): string[] {
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
}
