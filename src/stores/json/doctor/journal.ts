import { fstatSync } from 'node:fs';
import { withFile } from '../disk/with-file.ts';
import { isDamage } from '../journal/journal-damage.ts';
import { linesOf } from '../journal/journal-lines.ts';
import type { Head, JournalRecord } from '../journal/journal-record.ts';
import { isTableRecord } from '../journal/journal-record.ts';

/** All that can be told of a journal, a broken one too. Places are in bytes, lines are counted from 1. */
export interface JournalExam {
  bytes: number;
  /** Undefined: the first record is not whole, or none of orch's. */
  head: Head | undefined;
  /** Records of tasks that count. */
  records: number;
  /** Where the last change that counts ends. */
  end: number;
  /** Number of the next automatic id, as the last record that counts has it; 1 where none does. */
  next: number;
  /** It ends so: it was being folded into a snapshot. */
  isFolding: boolean;
  /** A line that is broken though whole ones follow it, or the first. */
  broken?: Break;
}

export interface Break {
  offset: number;
  line: number;
  /** Whole records from there on: they do not count. */
  lost: number;
  /** As `next` of the exam, with those that are lost. */
  next: number;
}

/**
 * What is broken is looked at again: nothing is locked, and somebody may have written between two looks. It is believed when it is found
 * twice at the same place.
 * @returns undefined when there is none. @throws what the file system throws.
 */
export function examineJournal(path: string): JournalExam | undefined {
  for (let before: number | undefined; ; ) {
    const exam = examineOnce(path);
    if (!exam?.broken || exam.broken.offset === before) return exam;
    before = exam.broken.offset;
  }
}

function examineOnce(path: string): JournalExam | undefined {
  return withFile(path, (fd) => new Examiner(fstatSync(fd).size).examine(fd));
}

class Examiner {
  readonly #exam: JournalExam;
  /** Of the change whose end was not seen yet. */
  #begun = { lines: 0, records: 0 };
  #broken: Break | undefined;

  constructor(bytes: number) {
    this.#exam = { bytes, head: undefined, records: 0, end: 0, next: 1, isFolding: false };
  }

  examine(fd: number): JournalExam {
    let number = 0;
    for (const { line, start, end } of linesOf(fd, 0, { isThorough: true })) {
      number++;
      const record: JournalRecord | undefined = line && JSON.parse(line.json);
      if (number === 1 && record?.op === 'head') this.#exam.head = withoutNext(record);
      if (!record || !this.#exam.head) this.#break(start, number);
      if (!record) continue;
      if (this.#broken) this.#lose(this.#broken, record);
      else this.#count(record, line?.more ?? false, end);
    }
    const { head, end } = this.#exam;
    if (!head) this.#break(0, 1);
    const broken = this.#broken;
    const counts = broken && (!head || isDamage(fd, end, broken.offset));
    return counts ? { ...this.#exam, broken } : this.#exam;
  }

  /** The first counts. What was begun before it belongs to the same change, and falls with it. */
  #break(offset: number, line: number): void {
    this.#broken ??= { offset, line, lost: this.#begun.lines, next: this.#exam.next };
  }

  #lose(broken: Break, { next }: JournalRecord): void {
    broken.lost++;
    broken.next = Math.max(broken.next, next);
  }

  #count(record: JournalRecord, more: boolean, end: number): void {
    this.#begun.lines++;
    if (isTableRecord(record)) this.#begun.records++;
    if (more) return;
    this.#exam.records += this.#begun.records;
    this.#begun = { lines: 0, records: 0 };
    Object.assign(this.#exam, { end, next: record.next, isFolding: record.op === 'fold' });
  }
}

function withoutNext({ next: _, ...head }: Head & { next: number }): Head {
  return head;
}
