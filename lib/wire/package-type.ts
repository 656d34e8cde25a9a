import { dirname, join } from 'node:path';
import { fileText } from './file-text.js';

/** The `type` of the package that a file belongs to; undefined if that does not say. */
export function packageType(path: string): 'module' | 'commonjs' | undefined {
  for (let at = dirname(path); !at.endsWith('node_modules'); at = dirname(at)) {
    const text = fileText(join(at, 'package.json'));
    // If there is none here, the one above it counts.
    if (text !== undefined) return typeIn(text);
    if (at === dirname(at)) break;
  }
  return undefined;
}

function typeIn(text: string): 'module' | 'commonjs' | undefined {
  try {
    const { type } = JSON.parse(text.replace(/^\uFEFF/, '')) as { type?: unknown };
    return type === 'module' || type === 'commonjs' ? type : undefined;
  } catch {
    // Node itself complains about that, if it matters.
    return undefined;
  }
}
