import { posix, win32 } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The URL of a script by the name that V8 has for it: the path of a CommonJS file, the URL of any other. */
export function scriptUrl(name: string, windows = process.platform === 'win32'): string {
  return (windows ? win32 : posix).isAbsolute(name) ? pathToFileURL(name, { windows }).href : name;
}

export function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/, '');
}
