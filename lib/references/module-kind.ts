import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import { packageType } from '../wire/package-type.js';
import { requiredFile } from './required-files.js';

/**
 * Whether a file that this program runs is an ES module: as Node decides it, by its name, its package, and then its text.
 * V8 knows, but tells only a debugger, which takes 20 ms; this takes 0.1 (measured).
 */
export function isModuleFile(url: string, source: string): boolean {
  const path = fileURLToPath(url);
  if (requiredFile(path) !== undefined) return false;
  const [, letter] = /\.([cm]?)[jt]s$/.exec(path) ?? [];
  if (letter !== undefined && letter !== '') return letter === 'm';
  const type = packageType(path);
  return type === undefined ? hasModuleSyntax(path, source) : type === 'module';
}

/**
 * The file runs, so if it is not CommonJS it is a module. TypeScript may compile as neither: there, `import` or `export` tells.
 */
function hasModuleSyntax(path: string, source: string): boolean {
  if (path.endsWith('.ts')) return /^\s*(?:import|export)\b/m.test(source);
  try {
    compileFunction(source, ['exports', 'require', 'module', '__filename', '__dirname']);
    return false;
  } catch {
    return true;
  }
}
