import { TestEnvironment } from 'jest-environment-node';

/**
 * A spec runs in a vm context with globals of its own. What Node itself makes (an error of an IPC channel, the Map of a
 * deserialised message) has Node's; sharing these lets `instanceof` mean in a spec what it means in a program.
 */
const SHARED = [
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
  'AggregateError',
  'Map',
  'Set',
  'Date',
  'RegExp',
  'Promise',
  'ArrayBuffer',
  'SharedArrayBuffer',
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
];

/** Where it is set, Node 20 reads and parses all certificates in it at each start: 35 ms, thousands of times here. */
delete process.env.NODE_EXTRA_CA_CERTS;

export default class ForkpoolEnvironment extends TestEnvironment {
  /** What the shared prototypes had before the spec. */
  #before = new Map();

  async setup() {
    await super.setup();
    for (const name of SHARED) this.#before.set(name, new Set(Reflect.ownKeys(globalThis[name].prototype)));
    for (const name of SHARED) {
      // As they are in a program: what is assigned would be enumerable.
      Object.defineProperty(this.global, name, Object.getOwnPropertyDescriptor(globalThis, name));
    }
  }

  /** What a spec adds to them goes with it: vega-lite gives every Set a `toJSON`. */
  async teardown() {
    for (const [name, known] of this.#before) {
      const { prototype } = globalThis[name];
      for (const key of Reflect.ownKeys(prototype)) if (!known.has(key)) Reflect.deleteProperty(prototype, key);
    }
    await super.teardown();
  }
}
