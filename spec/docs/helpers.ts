import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { run } from '../fixtures/run-program.js';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Code in a document, as it stands between fences. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** Of its first fence, counted from 1. */
  readonly line: number;
  /** By its first line, `// math.js` or `# math.py`; undefined where it is no file. */
  readonly file: string | undefined;
}

/** A program that a document shows, with all files that it shows above, and what it says the program prints. */
export interface Shown {
  readonly main: string;
  readonly line: number;
  readonly files: ReadonlyMap<string, string>;
  readonly output: string;
}

export function read(document: string): string {
  return readFileSync(join(root, document), 'utf8');
}

export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = ''], at, all) => ({
    language,
    text,
    line: markdown.slice(0, all[at]?.index).split('\n').length,
    file: /^(?:\/\/|#) ([\w-]+\.(?:[cm]?js|ts|py))\n/.exec(text)?.[1],
  }));
}

/**
 * A block ```text is what the file right above it prints; with a file in Python right above that one, both print it. Files
 * that a document has shown stay, until it shows another of the same name.
 */
export function programsOf(markdown: string): Shown[] {
  const files = new Map<string, string>();
  const programs: Shown[] = [];
  let above: Block[] = [];
  for (const block of blocksOf(markdown)) {
    if (block.language === 'text') {
      for (const { file = '', line } of above) {
        programs.push({ main: file, line, files: new Map(files), output: block.text });
      }
      above = [];
    } else if (block.file === undefined) {
      above = [];
    } else {
      files.set(block.file, block.text);
      above = above.at(-1)?.file?.endsWith('.py') === true ? [...above, block] : [block];
    }
  }
  return programs;
}

/** Code that is part of a program, in the middle of a page. */
export function fragmentsOf(markdown: string): Block[] {
  return blocksOf(markdown).filter(({ language, file }) => /^[jt]s$/.test(language) && file === undefined);
}

const folders = new Set<string>();
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder in which `forkpool` and what the repository has installed can be imported. */
function folderWith(files: ReadonlyMap<string, string>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'forkpool-docs-')));
  folders.add(folder);
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@types'), { recursive: true });
  symlinkSync(root, join(modules, 'forkpool'), 'junction');
  for (const name of ['pg', '@types/node', '@types/pg', '@jest/globals']) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction');
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  return folder;
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/** What a program prints. */
export async function outputOf({ main, files }: Shown, env: Record<string, string> = {}): Promise<string> {
  const folder = folderWith(files);
  const loader = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href;
  try {
    if (main.endsWith('.py')) return await outputOfPython(folder, main);
    const flags = main.endsWith('.ts') ? ['--import', loader] : [];
    const { stdout, stderr, code } = await run([...flags, main], { cwd: folder, env });
    return stdout + (stderr === '' ? '' : `It complained:\n${stderr}`) + (code === 0 ? '' : `It ended with ${code}\n`);
  } finally {
    remove(folder);
  }
}

function outputOfPython(folder: string, ...argv: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('python3', argv, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}

/** What a document says is printed, as a pattern: `…` stands for what differs from run to run, within a line. */
export function pattern(output: string): RegExp {
  const literal = output.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replaceAll('…', '.*')}$`);
}

/** What fragments may use without showing where it comes from, beside all that `forkpool` exports. */
const KNOWN = `
import type { Pool as AnyPool, AsyncResult as AnyResult, IMapIterator as AnyIterator } from 'forkpool';
declare global {
  var pool: AnyPool;
  var square: (x: number) => number;
  var add: (a: number, b: number) => number;
  var resize: (file: string) => Promise<string>;
  var connect: (url: string) => Promise<void>;
  var disconnect: () => Promise<void>;
  var numbers: number[];
  var files: string[];
  var result: AnyResult<number>;
  var results: AnyIterator<number>;
  var url: string;
`;

/** What the compiler has to say against the fragments of a document and its files in TypeScript. */
export async function typeErrorsOf(markdown: string): Promise<string> {
  const exported = Object.keys(await import('forkpool')).map(
    (name) => `  var ${name}: typeof import('forkpool').${name};`,
  );
  const files = new Map([['known.d.ts', `${KNOWN}${exported.join('\n')}\n}\n`]]);
  for (const { text, line } of fragmentsOf(markdown)) files.set(`line-${line}.ts`, `${text}\nexport {};\n`);
  for (const { file, text } of blocksOf(markdown))
    if (file !== undefined && !file.endsWith('.py')) files.set(file, text);
  const folder = folderWith(files);
  const options = {
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noImplicitAny: false,
    skipLibCheck: true,
    allowJs: true,
    noEmit: true,
    allowImportingTsExtensions: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
  try {
    const { stdout } = await run([join(root, 'node_modules/@typescript/native/bin/tsc'), '-p', folder], {
      cwd: folder,
    });
    return stdout;
  } finally {
    remove(folder);
  }
}

/** A table of a document: its rows by the names of their columns. */
export type Table = readonly Readonly<Record<string, string>>[];

export function tablesOf(markdown: string): Table[] {
  const tables = markdown.matchAll(/(?:^\|.*\|\n)+/gm);
  return [...tables].map(([text]) => {
    const [head = [], , ...rows] = text.trimEnd().split('\n').map(cellsOf);
    return rows.map((cells) => Object.fromEntries(head.map((name, at) => [name, cells[at] ?? ''])));
  });
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll(String.raw`\|`, '|'));
}

/** The one table with such columns, and maybe others. */
export function tableWith(markdown: string, ...columns: readonly string[]): Table {
  const found = tablesOf(markdown).filter(([row]) => columns.every((name) => row !== undefined && name in row));
  if (found.length !== 1) throw new Error(`${found.length} tables have the columns ${columns.join(', ')}`);
  return found[0] as Table;
}

/** The names in backticks in a text. */
export function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** Where the links of a document lead, its code left out. */
export function linksOf(document: string): string[] {
  const prose = read(document)
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
    .replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
}

/** Whether a link leads to a file or a heading of ours. */
export function isInside(link: string): boolean {
  return !/^[a-z]+:/.test(link);
}

/** The text below the heading, up to the next one of its level or above. */
export function sectionOf(markdown: string, heading: string): string {
  // A comment in Python is no heading.
  const lines = markdown.replaceAll(/^```[\s\S]*?^```$/gm, (code) => code.replaceAll(/^#/gm, ' #')).split('\n');
  const from = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (from === -1) throw new Error(`There is no heading "${heading}"`);
  const level = /^#+/.exec(lines[from] ?? '')?.[0].length ?? 0;
  const to = lines.findIndex((line, at) => at > from && (/^#+(?= )/.exec(line)?.[0].length ?? Infinity) <= level);
  return lines.slice(from + 1, to === -1 ? undefined : to).join('\n');
}
