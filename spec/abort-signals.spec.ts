import { describe, expect, it } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { AbortSignals } from '#lib/abort-signals.js';
import { range } from './helpers.js';

const collector = (): { readonly reasons: unknown[]; abort(reason: unknown): void } => {
  const reasons: unknown[] = [];
  return { reasons, abort: (reason) => void reasons.push(reason) };
};

describe('AbortSignals', () => {
  it('aborts all that heed a signal, with its reason', () => {
    const [signals, controller] = [new AbortSignals(), new AbortController()];
    const all = range(3).map(collector);
    for (const each of all) signals.heed(controller.signal, each);
    controller.abort('enough');
    expect(all.map(({ reasons }) => reasons)).toEqual([['enough'], ['enough'], ['enough']]);
  });

  it('aborts at once what heeds a signal that is aborted, and listens to nothing', () => {
    const signal = AbortSignal.abort(null);
    const late = collector();
    new AbortSignals().heed(signal, late);
    expect(late.reasons).toEqual([null]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it.each([
    ['before', true],
    ['after', false],
  ])('gives a reason to signals that know none, as a polyfill may, and were aborted %s', (_, aborted) => {
    const target = new EventTarget();
    const all = collector();
    new AbortSignals().heed(Object.assign(target, { aborted }) as unknown as AbortSignal, all);
    target.dispatchEvent(new Event('abort'));
    expect(all.reasons).toEqual([expect.objectContaining({ name: 'AbortError', code: DOMException.ABORT_ERR })]);
  });

  it('has one listener on a signal however many heed it, and none when nobody does', () => {
    const [signals, { signal }] = [new AbortSignals(), new AbortController()];
    const [first, ...others] = [collector(), ...range(29).map(collector)] as const;
    for (const each of [first, ...others]) signals.heed(signal, each);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const each of others) signals.forget(each);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    signals.forget(first);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    signals.heed(signal, collector());
    signals.forget(first);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  });

  it('does not abort what has stopped heeding, even while others are being aborted', () => {
    const [signals, controller] = [new AbortSignals(), new AbortController()];
    const late = collector();
    signals.heed(controller.signal, { abort: () => signals.forget(late) });
    signals.heed(controller.signal, late);
    controller.abort('enough');
    expect(late.reasons).toEqual([]);
  });

  it('tells signals apart', () => {
    const [signals, one, other] = [new AbortSignals(), new AbortController(), new AbortController()];
    const [ofOne, ofOther] = [collector(), collector()];
    signals.heed(one.signal, ofOne);
    signals.heed(other.signal, ofOther);
    one.abort('one');
    expect([ofOne.reasons, ofOther.reasons]).toEqual([['one'], []]);
  });
});
