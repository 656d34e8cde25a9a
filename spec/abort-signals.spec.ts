import { describe, expect, it } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { AbortSignals, reasonOf } from '#lib/abort-signals.js';
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

  it('gives a reason to signals that know none, as a polyfill may', () => {
    const target = new EventTarget();
    const all = collector();
    new AbortSignals().heed(Object.assign(target, { aborted: true }) as unknown as AbortSignal, all);
    target.dispatchEvent(new Event('abort'));
    expect(all.reasons).toEqual([expect.objectContaining({ name: 'AbortError', code: DOMException.ABORT_ERR })]);
    expect(reasonOf(AbortSignal.abort(null))).toBeNull();
  });

  it('has one listener on a signal however many heed it, and none when nobody does', () => {
    const [signals, { signal }] = [new AbortSignals(), new AbortController()];
    const stops = range(30).map(() => signals.heed(signal, collector()));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const stop of stops.slice(1)) stop();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    stops[0]?.();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    signals.heed(signal, collector());
    stops[0]?.();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  });

  it('does not abort what has stopped heeding, even while others are being aborted', () => {
    const [signals, controller] = [new AbortSignals(), new AbortController()];
    const late = collector();
    const stops: (() => void)[] = [];
    signals.heed(controller.signal, { abort: () => stops.forEach((stop) => stop()) });
    stops.push(signals.heed(controller.signal, late));
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
