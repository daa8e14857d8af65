import { buildProgram } from '../program.ts';
import { manPage } from './man.ts';
import { markdownReference } from './markdown.ts';
import { outlineOf } from './outline.ts';

/** The references that the parser makes, by their paths in the repository. */
export async function references(): Promise<Record<string, string>> {
  const outline = outlineOf(await buildProgram());
  return { 'docs/orch.1': manPage(outline), 'docs/commands.md': markdownReference(outline) };
}
