import { types } from 'node:util';

/** Prototypes of users' classes. Most instances have one that was seen before. */
const usersOwn = new WeakSet<object>();

/** Classes of Node's that are no globals, and of whose objects `{}` would be made: where they are exported. */
const MODULES = new Map([
  ['AsyncLocalStorage', 'node:async_hooks'],
  ['MIMEType', 'node:util'],
  ['MIMEParams', 'node:util'],
  ['BlockList', 'node:net'],
  ['SocketAddress', 'node:net'],
]);

/**
 * Throws for objects of the platform that structured clone cannot carry, and would make `{}` of, and for those of classes that
 * inherit from theirs. Classes of users are not among them.
 */
export function refusePlatformObject(prototype: object): void {
  if (prototype === Object.prototype || usersOwn.has(prototype)) return;
  // The serializer writes these, and no deserializer reads them.
  const tag = (prototype as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  if (typeof tag === 'string' && tag.startsWith('WebAssembly.')) throw new TypeError(`${tag} objects cannot be copied`);
  for (const constructor of constructorsOf(prototype))
    if (isPlatformClass(constructor)) throw new TypeError(`${constructor.name} objects cannot be copied`);
  usersOwn.add(prototype);
}

/** Whether it is an object by its members alone. A generator is not, or a number format: the serializer refuses them. */
export function isOrdinary(value: object, prototype: object | null): boolean {
  if (prototype === null || prototype === Object.prototype) return !types.isArgumentsObject(value);
  const maker = makers.get(prototype) ?? makerOf(prototype);
  // What is of no class, such as an iterator of a list, says what it is.
  return maker === 'none' ? Object.prototype.toString.call(value) === '[object Object]' : maker === 'user';
}

/** Whose classes objects with a prototype are of. */
const makers = new WeakMap<object, 'user' | 'platform' | 'none'>();

function makerOf(prototype: object): 'user' | 'platform' | 'none' {
  const constructors = [...constructorsOf(prototype)];
  const users = constructors.length > 0 ? 'user' : 'none';
  const maker = constructors.some(isNative) ? 'platform' : users;
  makers.set(prototype, maker);
  return maker;
}

/** Of the classes that it belongs to, from its own to the last that is not `Object`. */
// oxlint-disable-next-line typescript/no-unsafe-function-type -- any class, whatever its constructor takes
function* constructorsOf(prototype: object): Generator<Function> {
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    if (!Object.hasOwn(at, 'constructor')) continue;
    const { constructor } = at;
    // Another realm has another.
    const isObject = Object.getPrototypeOf(at) === null && constructor.name === 'Object';
    if (typeof constructor === 'function' && !isObject) yield constructor;
  }
}

/** Node's own globals are not enumerable; what a program puts there is. */
// oxlint-disable-next-line typescript/no-unsafe-function-type -- any class, whatever its constructor takes
function isPlatformClass(constructor: Function): boolean {
  const { name } = constructor;
  const property = Object.getOwnPropertyDescriptor(globalThis, name);
  if (property?.enumerable === false) return (globalThis as Record<string, unknown>)[name] === constructor;
  const module = MODULES.get(name);
  // It is loaded, if this is its class.
  return module !== undefined && exportOf(module, name) === constructor;
}

function exportOf(module: string, name: string): unknown {
  return (process.getBuiltinModule(module) as unknown as Record<string, unknown>)[name];
}

// oxlint-disable-next-line typescript/no-unsafe-function-type -- any class, whatever its constructor takes
function isNative(constructor: Function): boolean {
  return /\[native code\]\s*\}$/.test(Function.prototype.toString.call(constructor));
}
