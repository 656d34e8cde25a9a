import { describe, expect, it } from '@jest/globals';
import { OomKills } from '#lib/local/machine/oom-kills.js';

/** A machine whose kernel has killed so many processes of this control group. */
function machine(version: 1 | 2): { kills: number; read: (path: string) => string | undefined } {
  const events = version === 2 ? '/sys/fs/cgroup/box/memory.events' : '/sys/fs/cgroup/memory/box/memory.oom_control';
  const here = {
    kills: 3,
    read: (path: string): string | undefined => {
      if (path === '/proc/self/cgroup') return version === 2 ? '0::/box\n' : '4:memory:/box\n';
      return path === events ? `low 0\noom 9\noom_kill ${here.kills}\n` : undefined;
    },
  };
  return here;
}

describe.each([1, 2] as const)('the kills for want of memory in a control group of version %d', (version) => {
  it('explain a death by SIGKILL when there is one more', () => {
    const here = machine(version);
    const kills = new OomKills(here.read);
    here.kills++;
    expect(kills.explains('SIGKILL')).toBe(true);
  });

  it('explain as many deaths as there were kills', () => {
    const here = machine(version);
    const kills = new OomKills(here.read);
    here.kills += 2;
    expect([1, 2, 3].map(() => kills.explains('SIGKILL'))).toEqual([true, true, false]);
  });

  it('explain no other signal, and no exit', () => {
    const here = machine(version);
    const kills = new OomKills(here.read);
    here.kills++;
    expect([kills.explains('SIGSEGV'), kills.explains(null)]).toEqual([false, false]);
  });

  it('that are forgotten explain nothing, and later ones do', () => {
    const here = machine(version);
    const kills = new OomKills(here.read);
    here.kills++;
    kills.forget();
    expect(kills.explains('SIGKILL')).toBe(false);
    here.kills++;
    expect(kills.explains('SIGKILL')).toBe(true);
  });

  it('that came before explain nothing', () => {
    expect(new OomKills(machine(version).read).explains('SIGKILL')).toBe(false);
  });
});

describe('where there are no control groups', () => {
  it('no death is explained', () => {
    expect(new OomKills(() => undefined).explains('SIGKILL')).toBe(false);
  });
});
