import { describe, expect, it } from '@jest/globals';
import { whyNotCloneable } from '#lib/wire/why-not-cloneable.js';

describe('the place that keeps a value from being copied', () => {
  const f = (): void => {};
  const circle: Record<string, unknown> = { fine: 1 };
  circle['self'] = circle;
  circle['bad'] = f;
  class Client {
    url = new URL('https://example.org');
    socket = { write: f };
  }

  it.each<[string, unknown]>([
    ['args[0].db.socket', [{ db: { socket: f } }]],
    ['args[1]', [1, Symbol('s')]],
    ['args[0]["no name"][2]', [{ 'no name': [0, 1, f] }]],
    ['args.get("key").inner', new Map([['key', { inner: f }]])],
    ['args.key([Function: f])', new Map([[f, 1]])],
    ['args.member([Object])[0]', new Set([[f]])],
    ['args.bad', circle],
    ['args[0].socket.write', [new Client()]],
    ['args[0].promise', [{ url: new URL('https://example.org'), promise: Promise.resolve() }]],
    ['args.length', { length: f }],
    ['args[1].shared', [1, { shared: new SharedArrayBuffer(1) }]],
    ['args.view', { view: new Uint8Array(new SharedArrayBuffer(1)) }],
  ])('is %s', (path, value) => {
    expect(whyNotCloneable(value, 'args')?.path).toBe(
      path.replace("'", '"').replaceAll('"key"', "'key'").replace('.member([Object])', '.member([ [Function: f] ])'),
    );
  });

  it('is the getter that throws', () => {
    const value = {
      get broken(): never {
        throw new RangeError('no value');
      },
    };
    expect(whyNotCloneable([value], 'args')).toEqual({
      path: 'args[0].broken',
      reason: 'its getter threw no value',
    });
  });

  it('is blamed for what it is before what only a thread could be given', () => {
    const value = [new SharedArrayBuffer(1), { f }];
    expect(whyNotCloneable(value, 'args')?.path).toBe('args[1].f');
  });

  it('is none in a value that can be copied', () => {
    const error = Object.assign(new Error('e'), { f });
    for (const value of [1, [{ a: new Map([[{}, new Set([new Date()])]]) }], error, new URL('https://example.org')])
      expect(whyNotCloneable(value, 'args')).toBeUndefined();
  });

  class Branch {
    readonly children: Branch[] = [];
    onClick?: unknown;
    readonly parent: Branch | undefined;

    constructor(parent?: Branch) {
      this.parent = parent;
      parent?.children.push(this);
    }
  }
  const tree = (children: number): Branch => {
    const root = new Branch();
    while (root.children.length < children) new Branch(root);
    return root;
  };

  /** How often it is read. */
  const counted = (part: object): (() => number) => {
    let reads = 0;
    Object.defineProperty(part, 'read', { enumerable: true, get: () => ++reads });
    return () => reads;
  };

  it.each<[string, string, unknown]>([
    ['a function', 'onClick', f],
    ['what the serializer refuses', 'onClick.at', { at: (function* () {})() }],
    ['what the serializer would lose', 'onClick', new Headers()],
  ])('is the right one where each part leads to all others: %s', (_, place, bad) => {
    const root = tree(5);
    Object.assign(root.children[3] as Branch, { onClick: bad });
    expect(whyNotCloneable(root, 'root')?.path).toBe(`root.children[3].${place}`);
  });

  it('is found in no time where each part leads to all others', () => {
    const root = tree(5000);
    const reads = counted(root.children[2500] as Branch);
    expect(whyNotCloneable(root, 'root')).toBeUndefined();
    Object.assign(root.children[4000] as Branch, { onClick: f });
    expect(whyNotCloneable(root, 'root')?.path).toBe('root.children[4000].onClick');
    // Thousands, were each part written with all it leads to.
    expect(reads()).toBeLessThan(20);
  });

  it('is the whole value where no part is to blame', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 2100; level++) deep = [deep];
    expect(whyNotCloneable(deep, 'a')).toEqual({ path: 'a', reason: 'it is nested more than 1000 levels deep' });
  });

  it('is found in a long list, and deep down, in no time', () => {
    let deep: unknown = f;
    const [inList, inDepth] = [{}, {}];
    const reads = [counted(inList), counted(inDepth)];
    for (let level = 0; level < 500; level++)
      deep = { deep, list: Array.from({ length: 200 }, (_, n) => (level === 0 && n === 7 ? inDepth : {})) };
    expect(whyNotCloneable(deep, 'a')?.path).toBe(`a${'.deep'.repeat(500)}`);
    const list: unknown[] = Array.from({ length: 1e5 }, (_, n) => (n === 5 ? inList : { n }));
    expect(whyNotCloneable([...list, f], 'a')?.path).toBe('a[100000]');
    // Hundreds, were each level written again for the one above it.
    for (const count of reads) expect(count()).toBeLessThan(20);
  });
});
