import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contenders } from '#bench/contenders.js';
import type { Contender } from '#bench/contenders/contender.js';
import { questions } from '#bench/questions.js';
import { read, root } from '../docs/helpers.js';

describe('the questions of the bench', () => {
  it('are those that its README lists', () => {
    const listed = [...read('bench/README.md').matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name);
    expect(listed).toEqual(questions.map(({ name }) => name));
  });

  it.each(questions)('$name has goals whose rivals there are', ({ variants }) => {
    const goals = variants.flatMap((variant) => variant.goals);
    expect(goals).not.toEqual([]);
    const strangers = goals.filter(({ against }) => {
      if (against === undefined) return false;
      if ('variant' in against) return !variants.some(({ name }) => name === against.variant);
      if ('name' in against) return !contenders.some(({ name }) => name === against.name);
      return !contenders.some(({ kind }) => kind === against.kind);
    });
    expect(strangers).toEqual([]);
  });

  it.each(questions)('$name has variants of different names', ({ variants }) => {
    expect(new Set(variants.map(({ name }) => name)).size).toBe(variants.length);
  });

  it.each(questions)(
    '$name asks one contender at most that is no pool, with as many tasks as ours',
    ({ name, variants }) => {
      const all = contenders.filter(({ questions: some }) => some?.includes(name) ?? true);
      for (const variant of variants) {
        const noPools = all.filter((contender) => contender.noPool === true && (variant.asks?.(contender) ?? true));
        expect(noPools.length).toBeLessThan(2);
        const [ours] = all as [Contender];
        expect(noPools.map((contender) => variant.tasks(contender))).toEqual(noPools.map(() => variant.tasks(ours)));
      }
    },
  );

  it('growth asks one that is no pool of both sizes that are held against each other', () => {
    const { variants = [] } = questions.find(({ name }) => name === 'growth') ?? {};
    const last = variants.filter(({ goals }) => goals.length > 0);
    const first = last.flatMap(({ goals }) =>
      goals.map(({ against }) => against && 'variant' in against && against.variant),
    );
    expect([last.length, first.length]).toEqual([3, 3]);
    const ends = variants.filter((variant) => last.includes(variant) || first.includes(variant.name));
    expect(ends.length).toBe(6);
    const asked = ends.map(
      (variant) => contenders.filter((each) => each.noPool === true && variant.asks?.(each)).length,
    );
    expect(asked).toEqual([1, 1, 1, 1, 1, 1]);
    const all = contenders.filter(({ questions: some }) => some?.includes('growth') ?? true);
    expect(all.filter(({ noPool }) => noPool).map(({ name }) => name)).toEqual(['bare batches', 'bare pipes']);
  });

  it('rehearse as often with 2 workers as with the 64 that are held against them', () => {
    const variants = questions.flatMap((question) => question.variants);
    const many = variants.find(({ name }) => name === 'workers 64');
    const held = many?.goals.flatMap(({ against }) => (against && 'variant' in against ? against.variant : []));
    expect(held).toEqual(['workers 2']);
    const few = variants.find(({ name }) => name === 'workers 2');
    expect(few?.rehearsals).toBe(many?.rehearsals);
  });

  it('that Python can answer are known to it', () => {
    const python = readFileSync(join(root, 'bench/peers/python_pool.py'), 'utf8');
    const pools = contenders.filter(({ runs }) => runs === 'python');
    const asked = questions.filter(({ variants }) =>
      variants.some((variant) => pools.some((pool) => variant.asks?.(pool) ?? true)),
    );
    expect(asked.filter(({ name }) => !python.includes(`    "${name}": `))).toEqual([]);
  });
});
