import { types } from 'node:util';

/** Any class, whatever its constructor takes. */
interface Class {
  readonly name: string;
}

/** Who made the class of a prototype. For native classes that are not globals, the serializer says what it cannot copy. */
type Maker = 'user' | 'nobody' | 'native' | { readonly refused: string };

/**
 * Key on the prototype of our classes whose objects cannot be copied; its value says why. The same in every copy of this package,
 * since a task's pool may come from another one than its worker.
 */
export const STAYS = Symbol.for('forkpool.stays');

/** Most objects have a prototype that was seen before. */
const makers = new WeakMap<object, Maker>();

/** Names of the platform's globals, which are not enumerable. Globals that a program adds later are not among them. */
const GLOBALS = new Set(Object.getOwnPropertyNames(globalThis));
for (const name of Object.keys(globalThis)) GLOBALS.delete(name);

/** Node's classes that are not globals and whose objects would arrive as `{}`, with the module that exports each. */
const MODULES = new Map([
  ['AsyncLocalStorage', 'async_hooks'],
  ['AsyncResource', 'async_hooks'],
  ['Dir', 'fs'],
  ['ECDH', 'crypto'],
  ['SourceMap', 'module'],
  ['MIMEType', 'util'],
  ['MIMEParams', 'util'],
  ['BlockList', 'net'],
  ['SocketAddress', 'net'],
]);

/**
 * Throws for objects of the platform's classes, of classes that inherit from these, and of ours, if structured clone cannot carry
 * them and would turn them into `{}` or the like. Users' other classes pass.
 */
export function refusePlatformObject(prototype: object): void {
  if (prototype === Object.prototype) return;
  const maker = makerOf(prototype);
  if (typeof maker === 'object') throw new TypeError(maker.refused);
}

/** Whether an object is nothing but its members. A generator or a number format is not. */
export function isOrdinary(value: object, prototype: object | null): boolean {
  if (prototype === null || prototype === Object.prototype) return !types.isArgumentsObject(value);
  const maker = makerOf(prototype);
  // Objects of no class, such as a list's iterator, say by their tag what they are.
  return maker === 'nobody' ? Object.prototype.toString.call(value) === '[object Object]' : maker === 'user';
}

/** Whether objects with this prototype are of a class that is neither the platform's nor inherits from one of its. */
export function isOfUsersClass(prototype: object): boolean {
  return makerOf(prototype) === 'user';
}

function makerOf(prototype: object): Maker {
  let maker = makers.get(prototype);
  if (maker === undefined) makers.set(prototype, (maker = findMaker(prototype)));
  return maker;
}

function findMaker(prototype: object): Maker {
  const members = prototype as Readonly<Record<symbol, unknown>>;
  const [why, tag] = [STAYS, Symbol.toStringTag].map((key) => gotten(() => members[key]));
  if (typeof why === 'string') return { refused: why };
  // The serializer writes these, and no deserializer reads them.
  if (typeof tag === 'string' && tag.startsWith('WebAssembly.')) return ofPlatform(tag);
  const all = [...classesOf(prototype)];
  const platform = all.find(isPlatformClass);
  if (platform !== undefined) return ofPlatform(platform.name);
  if (all.some(isNative)) return 'native';
  return all.length > 0 ? 'user' : 'nobody';
}

function ofPlatform(name: string): Maker {
  return { refused: `${name} objects cannot be copied` };
}

/** The classes that a prototype belongs to, from its own to the last that is not `Object`. */
function* classesOf(prototype: object): Generator<Class> {
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const constructor = constructorOf(at);
    if (typeof constructor !== 'function') continue;
    // Another realm has another `Object`.
    const isObject = Object.getPrototypeOf(at) === null && constructor.name === 'Object';
    if (!isObject) yield constructor;
  }
}

function constructorOf(prototype: object): unknown {
  return gotten(() => (Object.hasOwn(prototype, 'constructor') ? prototype.constructor : undefined));
}

/** Ignores what a user's getter throws: it may need an instance, which a prototype is not. */
function gotten(get: () => unknown): unknown {
  try {
    return get();
  } catch {
    return undefined;
  }
}

/** A Proxy of a user's class prints as native code does, and so does a bound class, which alone has no `prototype`. */
function isNative(constructor: Class): boolean {
  if (types.isProxy(constructor) || !Object.hasOwn(constructor, 'prototype')) return false;
  return /\[native code\]\s*\}$/.test(Function.prototype.toString.call(constructor));
}

function isPlatformClass(constructor: Class): boolean {
  if (types.isProxy(constructor)) return false;
  const { name } = constructor;
  if (GLOBALS.has(name)) return (globalThis as Record<string, unknown>)[name] === constructor;
  const module = MODULES.get(name);
  return module !== undefined && isLoaded(module) && exportOf(module, name) === constructor;
}

/** Whether a module is loaded. If not, nobody has its classes, and a user's class of that name must not load it. */
function isLoaded(module: string): boolean {
  const { moduleLoadList } = process as { moduleLoadList?: readonly string[] };
  return moduleLoadList === undefined || moduleLoadList.includes(`NativeModule ${module}`);
}

function exportOf(module: string, name: string): unknown {
  return (process.getBuiltinModule(`node:${module}`) as unknown as Record<string, unknown>)[name];
}
