import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The `type` of the package that a file belongs to; undefined where that does not say. */
export function packageType(path: string): 'module' | 'commonjs' | undefined {
  for (let at = dirname(path); !at.endsWith('node_modules'); at = dirname(at)) {
    const text = textOf(join(at, 'package.json'));
    if (text !== undefined) return typeIn(text);
    if (at === dirname(at)) break;
  }
  return undefined;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // No package.json here: the one above it counts.
    return undefined;
  }
}

function typeIn(text: string): 'module' | 'commonjs' | undefined {
  try {
    const { type } = JSON.parse(text.replace(/^\uFEFF/, '')) as { type?: unknown };
    return type === 'module' || type === 'commonjs' ? type : undefined;
  } catch {
    // Node itself complains of that, where it matters.
    return undefined;
  }
}
