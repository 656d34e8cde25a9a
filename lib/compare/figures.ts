/** `1.96x`, `11.8x`, `118x`: three digits, which is more than the noise leaves. */
export function timesAs(ratio: number): string {
  return `${ratio.toFixed(decimals(ratio))}x`;
}

/** `4 %` of a share from 0 to 1. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** `0.4 µs`, `12.3 ms`, `1.50 s`. */
export function duration(ms: number): string {
  if (ms === 0) return '0';
  if (ms < 0.001) return `${(ms * 1e6).toFixed(0)} ns`;
  if (ms < 1) return `${short(ms * 1000)} µs`;
  return ms < 1000 ? `${short(ms)} ms` : `${short(ms / 1000)} s`;
}

/** `300 B`, `2.5 KiB`, `45 MiB`. */
export function bytes(count: number): string {
  if (count < 1024) return `${Math.round(count)} B`;
  return count < 2 ** 20 ? `${short(count / 1024)} KiB` : `${Math.round(count / 2 ** 20)} MiB`;
}

/** `12,300`: a rate, with what is noise rounded away. */
export function rate(perSecond: number): string {
  return perSecond < 100 ? short(perSecond) : Number(perSecond.toPrecision(3)).toLocaleString('en-US');
}

function short(value: number): string {
  return value.toFixed(decimals(value));
}

function decimals(value: number): number {
  if (value >= 99.5) return 0;
  return value >= 9.95 ? 1 : 2;
}
