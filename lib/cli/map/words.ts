import ms from 'ms';

/** `1,234`. */
export function count(number: number): string {
  return Math.round(number).toLocaleString('en');
}

/** `1,234/s`, `1.5/s`; of slow items `12/min`. */
export function rate(perSecond: number): string {
  if (perSecond > 0 && perSecond < 1) return `${(perSecond * 60).toPrecision(2)}/min`;
  return `${perSecond < 10 ? perSecond.toFixed(1) : count(perSecond)}/s`;
}

/** `350ms`, `2.1 s`, `12m`. */
export function time(milliseconds: number): string {
  if (milliseconds >= 1000 && milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return ms(Math.round(milliseconds));
}

export function items(number: number): string {
  return `${count(number)} ${number === 1 ? 'item' : 'items'}`;
}
