/** The package brings no types; these are the parts of it that orch uses. */
declare module 'text-table' {
  /** @returns the rows as lines. */
  export default function table(
    rows: readonly (readonly string[])[],
    options: { hsep: string; stringLength(cell: string): number },
  ): string;
}
